"""The pieces that the patterns of all steps share."""

# Begins every pattern: the forms in which a feature names the process that performs a step. The
# role is captured and ignored, for the step has been routed already.
ROLE = r"(?:(?:the|a new|a second|two) )?'([^']*)'(?: process(?:es)?)? "

# A quoted whole number, and any quoted text.
NUMBER = r"'(\d+)'"
TEXT = r"'([^']*)'"
