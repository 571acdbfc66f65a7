namespace Parley.Steps
{
    /// <summary>The symbols of Linux's errors that the ring's system calls can end with; any other is written as its
    /// number.</summary>
    internal enum Errno
    {
        EPERM = 1,
        ENOENT = 2,
        ESRCH = 3,
        EINTR = 4,
        EIO = 5,
        ENXIO = 6,
        EBADF = 9,
        EAGAIN = 11,
        ENOMEM = 12,
        EACCES = 13,
        EFAULT = 14,
        EBUSY = 16,
        EEXIST = 17,
        EXDEV = 18,
        ENODEV = 19,
        ENOTDIR = 20,
        EISDIR = 21,
        EINVAL = 22,
        ENFILE = 23,
        EMFILE = 24,
        ETXTBSY = 26,
        EFBIG = 27,
        ENOSPC = 28,
        EROFS = 30,
        EMLINK = 31,
        ENAMETOOLONG = 36,
        ENOLCK = 37,
        ENOSYS = 38,
        ENOTEMPTY = 39,
        ELOOP = 40,
        EOVERFLOW = 75,
        EOPNOTSUPP = 95,
        ETIMEDOUT = 110,
        EDQUOT = 122,
    }
}
