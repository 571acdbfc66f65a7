"""What the coordinator looks at and does by itself, for features that are performed in process.

The sentences are those of its packs for rings and machines, and mean the same.
"""
