package steps

import (
	"context"
	"errors"
	"strings"
	"testing"

	"parley.dev/parley/servant/ring"
)

// TestStepsOfChannelsThatFail: each check of a duplex channel notices what it is
// there for. The reader serves, the writer asks.
func TestStepsOfChannelsThatFail(t *testing.T) {
	joined := func(r, w context.Context) error {
		return errors.Join(openChannel(r, "", "c", 4096), connectToChannel(w, "", "c", 4096))
	}
	asked := func(r, w context.Context) error { return errors.Join(joined(r, w), sendRequests(w, "", 1, 5)) }
	answered := func(r, w context.Context) error { return errors.Join(asked(r, w), echo(r, "", 1)) }
	// respond answers the pending request with bytes of its own.
	respond := func(data ...byte) func(r, w context.Context) error {
		return func(r, w context.Context) error {
			return errors.Join(asked(r, w), answer(r, 1, func(s *server, _ *ring.Frame) error { return s.Respond(r, data) }))
		}
	}
	for _, test := range []failing{
		{"opened twice", func(r, _ context.Context) error { return openChannel(r, "", "c", 64) }, func(_, w context.Context) error { return openChannel(w, "", "c", 64) }, "InUse", "", "", "open channel 'c'"},
		{"no channel", nil, func(_, w context.Context) error { return connectToChannel(w, "", "c", 64) }, "NotFound", "", "", "connect to channel 'c'"},
		{"no client", func(r, _ context.Context) error { return openChannel(r, "", "c", 64) }, func(r, _ context.Context) error { return acceptClient(r, "") }, "ReadTimeout", "", "", "accept the client"},
		{"no client to answer", func(r, _ context.Context) error { return openChannel(r, "", "c", 64) }, func(r, _ context.Context) error { return echo(r, "", 1) }, "ReadTimeout", "", "", "accept the client"},
		{"no request", joined, func(r, _ context.Context) error { return echo(r, "", 1) }, "ReadTimeout", "", "", "get a request, having answered 0"},
		{"a request that is no pattern", func(r, w context.Context) error {
			if err := joined(r, w); err != nil {
				return err
			}
			return of(w).channel.(*client).Send(w, []byte{1, 2, 4})
		}, func(r, _ context.Context) error { return echo(r, "", 1) }, assertion, "0x03", "0x04", "byte 2 of request 1"},
		{"the request changed", asked, func(r, _ context.Context) error {
			return answer(r, 1, func(s *server, request *ring.Frame) error {
				flip(request.Data(), request.Data())
				return checkRequest(request)
			})
		}, assertion, "0x01", "0xfe", "byte 0 of request 1"},
		{"count of answers", answered, func(r, _ context.Context) error { return hasAnswered(r, "", 2) }, assertion, "2", "1", "requests answered"},
		{"another response", respond(1, 2, 3, 4, 6), func(_, w context.Context) error { return getResponses(w, "", 1, 5) }, assertion, "0x05", "0x06", "byte 4 of response 1"},
		{"a response of another size", answered, func(_, w context.Context) error { return getResponses(w, "", 1, 6) }, assertion, "6", "5", "bytes of response 1"},
		{"a response that is not flipped", answered, func(_, w context.Context) error { return of(w).channel.(*client).receive(w, 5, checkFlipped) }, assertion, "0xfe", "0x01", "byte 0 of response 1"},
		{"no response", asked, func(_, w context.Context) error { return getResponses(w, "", 1, 5) }, "ReadTimeout", "", "", "get response 1 of 5 bytes"},
		{"a call before its turn", asked, func(_, w context.Context) error { return exchange(w, "", 5) }, assertion, "", "", "1 requests have no response yet"},
		{"a call in place before its turn", asked, func(_, w context.Context) error { return exchangeInPlace(w, "", 5) }, assertion, "", "", "have no response yet"},
		{"flipped before its turn", asked, func(_, w context.Context) error { return exchangeFlipped(w, "", 5) }, assertion, "", "", "have no response yet"},
		{"measured before its turn", asked, func(_, w context.Context) error { return measureRoundTrips(w, "", 1, 1, 5) }, assertion, "", "", "have no response yet"},
		{"more measured than done", joined, func(_, w context.Context) error { return measureRoundTrips(w, "", 2, 1, 5) }, assertion, "", "", "2 of 1 round trips"},
		{"a round trip without answer", joined, func(_, w context.Context) error { return measureRoundTrips(w, "", 1, 1, 5) }, "ReadTimeout", "", "", "round trip 1 of 5 bytes"},
		{"a response after all", answered, func(_, w context.Context) error { return failToGetResponse(w, "", "WriterGone") }, assertion, "WriterGone", "5 bytes", "get a response"},
		{"a request after all", asked, func(r, _ context.Context) error { return failToGetRequest(r, "", "WriterDead") }, assertion, "WriterDead", "5 bytes", "get a request"},
		{"closed instead of dead", func(r, w context.Context) error { return errors.Join(joined(r, w), closeChannel(w, "")) }, func(r, _ context.Context) error { return failToGetRequest(r, "", "WriterDead") }, assertion, "WriterDead", "WriterGone", "get a request"},
		{"sent after all", joined, func(_, w context.Context) error { return failToSend(w, "", 5, "NoReader") }, assertion, "NoReader", "success", "send request 1 of 5 bytes"},
		{"too large to send", joined, func(_, w context.Context) error { return sendRequests(w, "", 1, 4081) }, "FrameTooLarge", "", "", "send request 1 of 4081 bytes"},
		{"too large to fill", joined, func(_, w context.Context) error { return exchangeInPlace(w, "", 4081) }, "FrameTooLarge", "", "", "send request 1 of 4081 bytes"},
		{"a server that asks", joined, func(r, _ context.Context) error { return sendRequests(r, "", 1, 5) }, assertion, "", "", "connected to no channel"},
		{"a client that serves", joined, func(_, w context.Context) error { return echo(w, "", 1) }, assertion, "", "", "has opened no channel"},
		{"no channel to close", nil, func(_, w context.Context) error { return closeChannel(w, "") }, assertion, "", "", "has no channel open"},
		{"an end open", joined, func(_, w context.Context) error {
			return errors.Join(closeBuffer(w, ""), haveNothingOpen(w, ""))
		}, assertion, "nothing", "an end of a channel", "open in this process"},
	} {
		test.run(t)
	}
}

// TestResponsesThatComeTooEarly: a server that does not take its time is noticed.
func TestResponsesThatComeTooEarly(t *testing.T) {
	r, w := parties(t)
	if err := errors.Join(waitAtMost(r, "", 20_000), waitAtMost(w, "", 20_000), openChannel(r, "", "c", 4096), connectToChannel(w, "", "c", 4096)); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- echo(r, "", 2) }()
	err := exchangeWithin(w, "", 2, 5, 3_600_000)
	if err := <-served; err != nil {
		t.Error(err)
	}
	const want = "time until all responses were there: expected at least 1h0m0s, got "
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %q…", err, want)
	}
}
