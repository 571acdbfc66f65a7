using System;
using System.Threading;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>The server without a process around it.</summary>
    internal sealed class ServantInProcess : IDisposable
    {
        private readonly BytePipe _toServant = new BytePipe();
        private readonly BytePipe _fromServant = new BytePipe();
        private readonly ManualResetEvent _exited = new ManualResetEvent(false);
        private readonly Thread _thread;
        private int _status;

        internal ServantInProcess(ServerOptions options, DefinitionRegistry registry)
        {
            Client = new Client(_toServant, _fromServant);
            var server = new Server(new Connection(_toServant, _fromServant), registry, options, Exit);
            _thread = new Thread(server.Run) { IsBackground = true };
            _thread.Start();
        }

        internal ServantInProcess(params Type[] bindings)
            : this(new ServerOptions { Platform = "csharp" }, new DefinitionRegistry(bindings))
        {
        }

        internal Client Client { get; }

        internal void EndInput()
        {
            _toServant.End();
        }

        /// <summary>The status with which the servant wanted to exit.</summary>
        internal int WaitForExit()
        {
            return _exited.WaitOne(30000) ? _status : throw new TimeoutException("the servant did not exit");
        }

        public void Dispose()
        {
            EndInput();
            WaitForExit();
        }

        private void Exit(int status)
        {
            _status = status;
            _fromServant.End();
            _exited.Set();
        }
    }
}
