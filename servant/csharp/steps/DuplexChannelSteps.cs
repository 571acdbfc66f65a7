using System;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/13-duplex-channel.feature.</summary>
    [Binding]
    public sealed class DuplexChannelSteps
    {
        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public DuplexChannelSteps(RingProcess process)
        {
            _process = process;
        }

        [StepDefinition(Role + "opens channel " + Text + " with " + Number + " bytes for requests")]
        public void OpenChannel(string role, string name, long payload)
        {
            _process.OpenChannel(name, payload);
        }

        [StepDefinition(Role + "connects to channel " + Text + " with " + Number + " bytes for responses")]
        public void ConnectToChannel(string role, string name, long payload)
        {
            _process.ConnectToChannel(name, payload);
        }

        [StepDefinition(Role + "accepts the client")]
        public void AcceptClient(string role)
        {
            _process.Server.Accept(_process.Cancellation);
        }

        [StepDefinition(Role + "echoes " + Number + " requests")]
        public void Echo(string role, int requests)
        {
            EchoSlowly(role, requests, 0);
        }

        [StepDefinition(Role + "echoes " + Number + " requests, taking " + Number + " milliseconds over each")]
        public void EchoSlowly(string role, int requests, int milliseconds)
        {
            ServerEnd server = _process.Server;
            for (int i = 0; i < requests; i++)
            {
                server.Echo(() => _process.Pause(milliseconds), _process.Cancellation);
            }
        }

        [StepDefinition(Role + "answers " + Number + " requests with every bit flipped, the request unchanged")]
        public void AnswerFlipped(string role, int requests)
        {
            ServerEnd server = _process.Server;
            for (int i = 0; i < requests; i++)
            {
                server.AnswerFlipped(_process.Cancellation);
            }
        }

        [Then(Role + "has answered " + Number + " requests")]
        public void HasAnswered(string role, long requests)
        {
            if (_process.Server.Answered != requests)
            {
                throw new StepFailedException(requests, _process.Server.Answered, "requests answered since the channel was opened");
            }
        }

        [StepDefinition(Role + "sends " + Number + " requests of " + Number + " bytes")]
        public void SendRequests(string role, int requests, int size)
        {
            Send(_process.Client, requests, size);
        }

        [StepDefinition(Role + "sends a request of " + Number + " bytes and gets it back")]
        public void Exchange(string role, int size)
        {
            ExchangeOneByOne(role, 1, size);
        }

        [StepDefinition(Role + "sends a request of " + Number + " bytes written in place and gets it back")]
        public void ExchangeInPlace(string role, int size)
        {
            ClientEnd client = Calling();
            client.SendInPlace(size, _process.Cancellation);
            client.ReceiveEcho(size, _process.Cancellation);
        }

        [StepDefinition(Role + "sends a request of " + Number + " bytes and gets every bit flipped")]
        public void ExchangeFlipped(string role, int size)
        {
            ClientEnd client = Calling();
            client.Send(size, _process.Cancellation);
            client.ReceiveFlipped(size, _process.Cancellation);
        }

        [StepDefinition(Role + "sends " + Number + " requests of " + Number + " bytes and gets each back before the next")]
        public void ExchangeOneByOne(string role, int requests, int size)
        {
            ClientEnd client = Calling();
            for (int i = 0; i < requests; i++)
            {
                client.Send(size, _process.Cancellation);
                client.ReceiveEcho(size, _process.Cancellation);
            }
        }

        /// <summary>Fails if the last response is there too early: then the requests were not answered one after the
        /// other.</summary>
        [StepDefinition(Role + "sends " + Number + " requests of " + Number + " bytes and has all of them back after "
            + Number + " milliseconds at the earliest")]
        public void ExchangeNotBefore(string role, int requests, int size, long milliseconds)
        {
            ClientEnd client = Calling();
            long start = Clock.Now;
            Send(client, requests, size);
            Receive(client, requests, size);
            double took = (double)(Clock.Now - start) / Clock.Millisecond;
            if (took < milliseconds)
            {
                throw new StepFailedException(
                    "at least " + milliseconds + " ms", took.ToString("0.000") + " ms", "time until all responses were there");
            }
        }

        [StepDefinition(Role + "gets " + Number + " responses of " + Number + " bytes back, in order")]
        public void GetResponses(string role, int responses, int size)
        {
            Receive(_process.Client, responses, size);
        }

        [StepDefinition(Role + "fails to get a response: " + Text)]
        public void FailToGetResponse(string role, string error)
        {
            ClientEnd client = _process.Client;
            RingErrors.Expect(error, "get a response", () => client.ReceiveAny(_process.Cancellation));
        }

        [StepDefinition(Role + "fails to send a request of " + Number + " bytes: " + Text)]
        public void FailToSend(string role, int size, string error)
        {
            ClientEnd client = _process.Client;
            RingErrors.Expect(error, "send a request of " + size + " bytes", () =>
            {
                client.Send(size, _process.Cancellation);
                return "success";
            });
        }

        [StepDefinition(Role + "fails to get a request: " + Text)]
        public void FailToGetRequest(string role, string error)
        {
            ServerEnd server = _process.Server;
            RingErrors.Expect(error, "get a request", () => server.ReceiveAny(_process.Cancellation));
        }

        [StepDefinition(Role + "closes its channel")]
        public void CloseChannel(string role)
        {
            if (!_process.HasChannel)
            {
                throw new InvalidOperationException("this process has no channel open; a step that opens or connects to one must come first");
            }
            _process.CloseChannel();
        }

        /// <summary>The client, for a call whose response is the next to come.</summary>
        private ClientEnd Calling()
        {
            ClientEnd client = _process.Client;
            client.RequireAllAnswered();
            return client;
        }

        private void Send(ClientEnd client, int requests, int size)
        {
            for (int i = 0; i < requests; i++)
            {
                client.Send(size, _process.Cancellation);
            }
        }

        private void Receive(ClientEnd client, int responses, int size)
        {
            for (int i = 0; i < responses; i++)
            {
                client.ReceiveEcho(size, _process.Cancellation);
            }
        }
    }
}
