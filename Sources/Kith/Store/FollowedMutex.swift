#if KITH_SANITIZE_THREAD
    import OperatingSystem

    /// ThreadSanitizer cannot follow the library's: see ``FollowedMutex``.
    typealias Mutex = FollowedMutex
#endif
