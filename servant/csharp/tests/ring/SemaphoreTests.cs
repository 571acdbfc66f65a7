using System.Diagnostics;
using System.IO;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Our semaphores against glibc's own functions, in a C program that the test compiles.</summary>
    [TestFixture]
    public class SemaphoreTests : RingTest
    {
        private const string Program = @"
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* semaphore NAME OPERATION COUNT: COUNT posts or waits through sem_open. */
int main(int argc, char **argv) {
    if (argc != 4) return 2;
    sem_t *semaphore = sem_open(argv[1], 0);
    if (semaphore == SEM_FAILED) { perror(""sem_open""); return 3; }
    int count = atoi(argv[3]);
    for (int i = 0; i < count; i++) {
        int result = -1;
        if (!strcmp(argv[2], ""post"")) result = sem_post(semaphore);
        else if (!strcmp(argv[2], ""wait"")) do result = sem_wait(semaphore); while (result && errno == EINTR);
        else if (!strcmp(argv[2], ""trywait"")) result = sem_trywait(semaphore);
        if (result) { perror(argv[2]); return 1; }
    }
    int value = 0;
    sem_getvalue(semaphore, &value);
    printf(""%d\n"", value);
    return 0;
}
";

        private string _folder;

        [TearDown]
        public void RemoveProgram()
        {
            if (_folder != null)
            {
                Directory.Delete(_folder, true);
                _folder = null;
            }
        }

        [Test]
        public void GlibcOpensAndCountsWhatWePublish()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                for (int i = 0; i < 5; i++)
                {
                    WritePattern(writer, 10);
                }
                Assert.AreEqual("2", Run("trywait", 3));
                Assert.AreEqual(2, new RawBuffer(Name).DataTokens);
                Assert.AreEqual("5", Run("post", 3));
                for (ulong sequence = 1; sequence <= 5; sequence++)
                {
                    ReadAndCheck(reader, sequence, 10);
                }
            }
        }

        [Test]
        public void GlibcWakesOurSleeper()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096))
            {
                NamedSemaphore ours = MapDataSemaphore();
                var sleeper = new Background(() =>
                {
                    while (!ours.SleepAndTake(60000000000))
                    {
                    }
                });
                WaitUntil(() => ours.Waiters == 1, "we sleep");
                // The token is taken before or after glibc looks at the value.
                CollectionAssert.Contains(new[] { "0", "1" }, Run("post", 1));
                sleeper.Succeeds();
                Assert.AreEqual(0, ours.Value);
                Assert.AreEqual(0, ours.Waiters);
            }
        }

        [Test]
        public void WeWakeGlibcsSleeper()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                using (Process sleeper = Start("wait", 100))
                {
                    try
                    {
                        for (int i = 0; i < 100; i++)
                        {
                            if (i % 10 == 0)
                            {
                                WaitUntil(() => new RawBuffer(Name).DataWaiters == 1, "glibc sleeps");
                            }
                            WritePattern(writer, 4);
                        }
                        Assert.IsTrue(sleeper.WaitForExit(60000), "glibc's sleeper was not woken");
                        Assert.AreEqual(0, sleeper.ExitCode);
                        Assert.AreEqual("0", sleeper.StandardOutput.ReadToEnd().Trim());
                    }
                    finally
                    {
                        End(sleeper);
                    }
                }
                Assert.AreEqual(0, new RawBuffer(Name).DataWaiters);
            }
        }

        [Test]
        public void AKilledWaiterIsHarmless()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                using (Process sleeper = Start("wait", 1))
                {
                    try
                    {
                        WaitUntil(() => new RawBuffer(Name).DataWaiters == 1, "glibc sleeps");
                    }
                    finally
                    {
                        End(sleeper);
                    }
                }
                Assert.AreEqual(1, new RawBuffer(Name).DataWaiters);
                for (ulong sequence = 1; sequence <= 3; sequence++)
                {
                    WritePattern(writer, 10);
                    ReadAndCheck(reader, sequence, 10);
                }
            }
        }

        /// <summary>A mapping of sem-w of its own, which lasts as long as the process.</summary>
        private unsafe NamedSemaphore MapDataSemaphore()
        {
            using (SharedFile file = SharedFile.Open(RingName.Parse(Name).DataSemaphorePath, true))
            {
                return new NamedSemaphore(file.Map(Layout.SemaphoreSize));
            }
        }

        private string Run(string operation, int count)
        {
            using (Process process = Start(operation, count))
            {
                string output = process.StandardOutput.ReadToEnd().Trim();
                process.WaitForExit();
                Assert.AreEqual(0, process.ExitCode);
                return output;
            }
        }

        private static void End(Process process)
        {
            if (!process.HasExited)
            {
                process.Kill();
                process.WaitForExit();
            }
        }

        private Process Start(string operation, int count)
        {
            return Start(Compiled(), "/sem-w-" + Name + " " + operation + " " + count);
        }

        /// <summary>The path of the compiled program; without a compiler the test is skipped and says why.</summary>
        private string Compiled()
        {
            string folder = Path.Combine(Path.GetTempPath(), Name + "c");
            string program = Path.Combine(folder, "semaphore");
            if (_folder != null)
            {
                return program;
            }
            Directory.CreateDirectory(folder);
            _folder = folder;
            string source = Path.Combine(folder, "semaphore.c");
            File.WriteAllText(source, Program);
            try
            {
                using (Process compiler = Start("cc", "-o " + program + " " + source + " -pthread"))
                {
                    compiler.WaitForExit();
                    Assert.AreEqual(0, compiler.ExitCode, "cc failed");
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Assert.Ignore("no C compiler (cc) here: the comparison with glibc's own functions needs one");
            }
            return program;
        }

        private static Process Start(string program, string words)
        {
            return Process.Start(new ProcessStartInfo(program, words)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            });
        }
    }
}
