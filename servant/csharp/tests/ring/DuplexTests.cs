using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Requests and responses over two buffers (ring-buffer specification, "Duplex channel").</summary>
    [TestFixture]
    public class DuplexTests : RingTest
    {
        [Test]
        public void Echo()
        {
            using (DuplexServer server = DuplexServer.Create(Name, 0, 1 << 20, Patient))
            using (DuplexClient client = DuplexClient.Connect(Name, 0, 1 << 20, Patient))
            {
                var serve = new Background(() => Serve(server));
                foreach (int size in new[] { 1, 1024, 102400, 7 })
                {
                    byte[] request = TestPattern.Frame((ulong)size, size);
                    using (Frame response = client.Call(request))
                    {
                        CollectionAssert.AreEqual(request.Select(b => (byte)(b ^ 0xff)).ToArray(), response.ToArray());
                    }
                }
                client.Dispose();
                Assert.AreEqual(RingError.WriterGone, ((RingException)serve.Failure()).Error);
            }
        }

        [Test]
        public void ResponsesComeInOrder()
        {
            using (DuplexServer server = DuplexServer.Create(Name, 0, 65536, Patient))
            using (DuplexClient client = DuplexClient.Connect(Name, 0, 65536, Patient))
            {
                for (int i = 1; i <= 20; i++)
                {
                    client.Send(new[] { (byte)i });
                }
                var serve = new Background(() => Serve(server));
                for (int i = 1; i <= 20; i++)
                {
                    using (Frame response = client.Receive())
                    {
                        Assert.AreEqual(i ^ 0xff, response.ToArray()[0]);
                        Assert.AreEqual(i, response.Sequence);
                    }
                }
                client.Dispose();
                serve.Failure();
            }
        }

        [Test]
        public void AServerWaitsForARoomInTheResponses()
        {
            using (DuplexServer server = DuplexServer.Create(Name, 0, 65536, Patient))
            using (DuplexClient client = DuplexClient.Connect(Name, 0, 64, Patient))
            {
                var serve = new Background(() => Serve(server));
                client.Send(new byte[48]);
                client.Send(new byte[48]);
                WaitUntil(() => new RawBuffer(DuplexNames.Response(Name)).SpaceWaiters > 0, "the server is blocked");
                client.Receive().Release();
                client.Receive().Release();
                client.Dispose();
                serve.Failure();
            }
        }

        /// <summary>Peers do not create a buffer at once: it may be too short, or all zeros, at first.</summary>
        [Test]
        public void AServerWaitsForAWholeResponseBuffer([Values(0, 100, 4096)] int size)
        {
            string path = RingName.Parse(DuplexNames.Response(Name)).SegmentPath;
            using (DuplexServer server = DuplexServer.Create(Name, 0, 1024, Patient))
            using (RingWriter.Connect(DuplexNames.Request(Name)))
            using (RingReader responses = RingReader.Create(DuplexNames.Response(Name), 0, 1024, Patient))
            {
                File.Move(path, path + "whole");
                File.WriteAllBytes(path, new byte[size]);
                var accept = new Background(() => server.Accept());
                File.Delete(path);
                File.Move(path + "whole", path);
                accept.Succeeds();
                server.Respond(new byte[] { 1 });
                responses.Read().Release();
            }
        }

        [Test]
        public void AServerSaysInTheEndThatAResponseBufferIsBroken([Values(0, 100, 4096)] int size)
        {
            string path = RingName.Parse(DuplexNames.Response(Name)).SegmentPath;
            using (DuplexServer server = DuplexServer.Create(Name, 0, 1024, Impatient))
            using (RingWriter.Connect(DuplexNames.Request(Name)))
            using (RingReader.Create(DuplexNames.Response(Name), 0, 1024))
            {
                File.Move(path, path + "whole");
                File.WriteAllBytes(path, new byte[size]);
                Stopwatch waited = Stopwatch.StartNew();
                Fails(RingError.Corrupt, () => server.Accept());
                Assert.GreaterOrEqual(waited.Elapsed, Impatient.Timeout, "it gave up before its time");
                File.Delete(path);
                File.Move(path + "whole", path);
            }
        }

        [Test]
        public void ADeadServerIsNoticed([Values(0, 1)] int answers)
        {
            using (Probe server = new Probe("pong " + Name + " --metadata 0 --payload 4096 --timeout-ms 60000").Ready())
            using (DuplexClient client = DuplexClient.Connect(Name, 0, 4096, Patient))
            {
                for (int i = 0; i < answers; i++)
                {
                    client.Call(new byte[10]).Release();
                }
                var wait = new Background(() => client.Receive());
                WaitUntil(() => new RawBuffer(DuplexNames.Response(Name)).DataWaiters > 0, "the client sleeps");
                server.Kill();
                RingError error = ((RingException)wait.Failure()).Error;
                // A server that received nothing yet is only the reader of the requests.
                Assert.AreEqual(answers == 0 ? RingError.ReaderDead : RingError.WriterDead, error);
            }
            RingReader.Create(DuplexNames.Request(Name), 0, 64).Dispose();
        }

        [Test]
        public void TheNextClientIsServed()
        {
            using (DuplexServer server = DuplexServer.Create(Name, 0, 65536, Patient))
            {
                var serve = new Background(() => ServeClients(server));
                for (int i = 1; i <= 20; i++)
                {
                    using (DuplexClient client = ConnectWhenFree())
                    {
                        CallAndCheck(client, i);
                    }
                }
                using (DuplexClient client = ConnectWhenFree())
                {
                    CallAndCheck(client, 77);
                }
                server.Dispose();
                Assert.AreEqual(RingError.Closed, ((RingException)serve.Failure()).Error);
            }
        }

        [Test]
        public void AfterAKilledClientTheNextIsServed()
        {
            using (DuplexServer server = DuplexServer.Create(Name, 0, 65536, Patient))
            {
                var serve = new Background(() => ServeClients(server));
                for (int i = 0; i < 3; i++)
                {
                    using (var client = new Probe("write " + DuplexNames.Request(Name) +
                        " --frames 100 --seed 1 --min 1 --max 9 --die-after 50"))
                    {
                        // It wrote requests and died without ever creating a response buffer.
                        Assert.AreEqual(137, client.Status());
                    }
                    using (DuplexClient client = ConnectWhenFree())
                    {
                        CallAndCheck(client, i);
                    }
                }
                server.Dispose();
                Assert.AreEqual(RingError.Closed, ((RingException)serve.Failure()).Error);
            }
        }

        private static void CallAndCheck(DuplexClient client, int value)
        {
            using (Frame response = client.Call(new[] { (byte)value }))
            {
                Assert.AreEqual(value ^ 0xff, response.ToArray()[0]);
            }
        }

        [Test]
        public void AnAcceptedClientKeepsItsServerThroughItsFirstRequest()
        {
            using (DuplexServer server = DuplexServer.Create(Name, 0, 65536, Patient))
            {
                for (int i = 1; i <= 2; i++)
                {
                    using (DuplexClient client = DuplexClient.Connect(Name, 0, 65536, Patient))
                    {
                        Assert.IsFalse(server.HasClient);
                        server.Accept();
                        Assert.IsTrue(server.HasClient);
                        var wait = new Background(() => client.Receive().Release());
                        WaitUntil(() => new RawBuffer(DuplexNames.Response(Name)).DataWaiters > 0, "the client sleeps");
                        client.Send(new byte[10]);
                        server.Receive().Release();
                        server.Respond(new byte[10]);
                        wait.Succeeds();
                    }
                    Fails(RingError.WriterGone, () => server.Receive());
                }
            }
        }

        [Test]
        public void WithoutAClientNobodyIsAccepted()
        {
            using (DuplexServer server = DuplexServer.Create(Name, 0, 64, Impatient))
            {
                Fails(RingError.ReadTimeout, () => server.Accept());
                using (RingWriter.Connect(DuplexNames.Request(Name)))
                {
                    Fails(RingError.NotFound, () => server.Accept());
                }
                Assert.IsFalse(server.HasClient);
            }
        }

        [Test]
        public void AServerThatClosesLeavesAnErrorAndItsName()
        {
            DuplexServer server = DuplexServer.Create(Name, 0, 65536);
            using (DuplexClient client = DuplexClient.Connect(Name, 0, 65536, Patient))
            {
                client.Send(new byte[10]);
                server.Receive().Release();
                server.Respond(new byte[10]);
                client.Send(new byte[10]);
                server.Dispose();
                client.Receive().Release();
                Fails(RingError.WriterGone, () => client.Receive());
                Fails(RingError.NoReader, () => client.Send(new byte[10]));
            }
            DuplexServer.Create(Name, 0, 65536).Dispose();
        }

        [Test]
        public void WithoutAServerNothingIsCreated()
        {
            Fails(RingError.NotFound, () => DuplexClient.Connect(Name, 0, 64));
            Assert.IsFalse(File.Exists("/dev/shm/" + DuplexNames.Response(Name)));
        }

        private DuplexClient ConnectWhenFree()
        {
            DuplexClient client = null;
            WaitUntil(() =>
            {
                try
                {
                    client = DuplexClient.Connect(Name, 0, 65536, Patient);
                    return true;
                }
                catch (RingException e) when (e.Error == RingError.InUse)
                {
                    // The server still holds the previous client's response buffer.
                    return false;
                }
            }, "the channel is free");
            return client;
        }

        /// <summary>Serves one client after the other until the server is closed.</summary>
        private static void ServeClients(DuplexServer server)
        {
            while (true)
            {
                server.WaitForClient();
                try
                {
                    Serve(server);
                }
                catch (RingException e) when (e.Error != RingError.Closed)
                {
                    // Whatever befell this client, the next one may come.
                }
            }
        }

        private static unsafe void Serve(DuplexServer server)
        {
            while (true)
            {
                using (Frame request = server.Receive())
                using (Slot response = server.AcquireResponse(request.Size))
                {
                    for (long i = 0; i < request.Size; i++)
                    {
                        response.Data[i] = (byte)(request.Data[i] ^ 0xff);
                    }
                    response.Commit();
                }
            }
        }
    }
}
