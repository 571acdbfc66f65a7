using System;
using System.Globalization;
using System.IO;

namespace Parley.Ring
{
    /// <summary>
    /// Tells whether one process, seen alive once, still lives (ring-buffer specification, "Death": a pid that does
    /// not exist, or exists with another start time, or is a zombie, is dead). A pidfd does that in one cheap call;
    /// without one, /proc does. Not safe for use by several threads at once.
    /// </summary>
    internal sealed unsafe class ProcessWatch : IDisposable
    {
        // sysconf(_SC_CLK_TCK) is 100 on every Linux that runs here.
        private const double TicksPerSecond = 100;

        // The clocks compared are read one after the other and only to the second.
        private static readonly TimeSpan ClockSlack = TimeSpan.FromSeconds(2);

        private readonly int _pid;
        private readonly string _startTime;
        private int _descriptor = -1;
        private bool _dead;

        internal ProcessWatch(int pid)
        {
            _pid = pid;
            long descriptor = (long)Native.pidfd_open(Native.PidfdOpenNumber, (IntPtr)pid, IntPtr.Zero);
            if (descriptor >= 0)
            {
                _descriptor = (int)descriptor;
            }
            else if (Native.LastError == Native.ESRCH)
            {
                _dead = true;
            }
            else
            {
                // Old kernels, seccomp filters and a full descriptor table leave only /proc.
                _dead = !TryReadStartTime(pid, out _startTime);
            }
        }

        internal int Pid => _pid;

        internal bool IsDead
        {
            get
            {
                if (!_dead)
                {
                    _dead = _descriptor >= 0 ? HasExited() : !IsSameProcess();
                }
                return _dead;
            }
        }

        /// <summary>Whether a process with this pid lives now.</summary>
        internal static bool IsAlive(ulong pid)
        {
            if (pid == 0 || pid > Layout.PidMax)
            {
                return false;
            }
            using (var watch = new ProcessWatch((int)pid))
            {
                return !watch.IsDead;
            }
        }

        /// <summary>
        /// Whether a process started after a point in time, and so cannot be the one that did something then. Unknown
        /// is false.
        /// </summary>
        internal static bool StartedAfter(int pid, DateTime time)
        {
            string start;
            double startTicks;
            double uptime;
            if (!TryReadStartTime(pid, out start) || !TryParse(start, out startTicks) || !TryReadUptime(out uptime))
            {
                return false;
            }
            double age = uptime - startTicks / TicksPerSecond;
            return DateTime.UtcNow.AddSeconds(-age) > time + ClockSlack;
        }

        public void Dispose()
        {
            if (_descriptor >= 0)
            {
                Native.close(_descriptor);
                _descriptor = -1;
            }
        }

        private bool HasExited()
        {
            var poll = new Native.PollDescriptor { Descriptor = _descriptor, Events = Native.POLLIN };
            return Native.poll(&poll, (UIntPtr)1, 0) > 0 && (poll.ReturnedEvents & Native.POLLIN) != 0;
        }

        private bool IsSameProcess()
        {
            string now;
            return TryReadStartTime(_pid, out now) && now == _startTime;
        }

        /// <summary>
        /// The start time in clock ticks since boot, or null where /proc does not tell; false when the process does
        /// not exist or is a zombie.
        /// </summary>
        private static bool TryReadStartTime(int pid, out string startTime)
        {
            startTime = null;
            string stat;
            try
            {
                stat = File.ReadAllText("/proc/" + pid.ToString(CultureInfo.InvariantCulture) + "/stat");
            }
            catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
            {
                // /proc may be hidden from us; EPERM from kill still means alive.
                return Native.kill(pid, 0) == 0 || Native.LastError != Native.ESRCH;
            }
            // The command name stands in parentheses and may hold any character, so count fields after the last one.
            string[] fields = stat.Substring(stat.LastIndexOf(')') + 2).Split(' ');
            if (fields[0] == "Z" || fields[0] == "X")
            {
                return false;
            }
            startTime = fields[19];
            return true;
        }

        private static bool TryReadUptime(out double seconds)
        {
            seconds = 0;
            try
            {
                return TryParse(File.ReadAllText("/proc/uptime").Split(' ')[0], out seconds);
            }
            catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
            {
                return false;
            }
        }

        private static bool TryParse(string text, out double number)
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        }
    }
}
