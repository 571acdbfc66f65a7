package ring

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// BenchmarkRoundTrip sends a frame over one ring and its echo over another.
func BenchmarkRoundTrip(b *testing.B) {
	for _, size := range []int{64, 1 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			ctx := context.Background()
			payload := max(1<<16, 4*size)
			toServer, client := pair(b, Sizes{0, payload})
			toClient, server := pair(b, Sizes{0, payload})
			done := make(chan error, 1)
			go func() {
				var f Frame
				for {
					err := toServer.ReadInto(ctx, &f)
					if err == nil {
						err = errors.Join(server.Write(ctx, f.Data()), f.Release())
					}
					if err != nil {
						done <- err
						return
					}
				}
			}()
			data := frame(size, 1)
			var f Frame
			b.SetBytes(int64(2 * size))
			b.ReportAllocs()
			for b.Loop() {
				must(b, client.Write(ctx, data))
				must(b, toClient.ReadInto(ctx, &f))
				must(b, f.Release())
			}
			must(b, client.Close())
			wantKind(b, <-done, WriterGone)
		})
	}
}

// BenchmarkOneWay streams frames one by one, from one goroutine to another.
func BenchmarkOneWay(b *testing.B) {
	for _, size := range []int{64, 1 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { stream(b, size, 1) })
	}
}

// BenchmarkBatch streams frames in batches of 32; an operation is one frame.
func BenchmarkBatch(b *testing.B) {
	for _, size := range []int{64, 1 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { stream(b, size, 32) })
	}
}

func stream(b *testing.B, size, batch int) {
	ctx := context.Background()
	r, w := pair(b, Sizes{0, max(1<<20, 4*size)})
	done := make(chan error, 1)
	go func() {
		frames := make([]Frame, batch)
		for {
			n, err := r.ReadBatch(ctx, frames)
			if err == nil {
				err = r.ReleaseBatch(frames[:n])
			}
			if err != nil {
				done <- err
				return
			}
		}
	}()
	data := make([][]byte, batch)
	for i := range data {
		data[i] = frame(size, uint64(i))
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.ResetTimer()
	for sent := 0; sent < b.N; {
		var err error
		if batch == 1 {
			err = w.Write(ctx, data[0])
			sent++
		} else {
			n := 0
			n, err = w.WriteBatch(ctx, data[:min(batch, b.N-sent)])
			sent += n
		}
		must(b, err)
	}
	must(b, w.Close())
	wantKind(b, <-done, WriterGone)
}

// BenchmarkLarge writes and reads large frames; BenchmarkMemcpy copies the same
// bytes into the same kind of ring, and nothing else.
func BenchmarkLarge(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20, 10 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			ctx := context.Background()
			r, w := pair(b, Sizes{0, 2 * size})
			data := frame(size, 1)
			var f Frame
			b.SetBytes(int64(size))
			for b.Loop() {
				must(b, w.Write(ctx, data))
				must(b, r.ReadInto(ctx, &f))
				must(b, f.Release())
			}
		})
	}
}

func BenchmarkMemcpy(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20, 10 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			r, _ := pair(b, Sizes{0, 2 * size})
			data := frame(size, 1)
			b.SetBytes(int64(size))
			for b.Loop() {
				copy(r.seg.ring[16:], data)
			}
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	for _, size := range []int{64, 256 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			name := unique(b)
			for b.Loop() {
				r, err := Create(name, Sizes{0, size})
				must(b, err)
				must(b, r.Close())
			}
		})
	}
}
