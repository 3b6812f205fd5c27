#if KITH_SANITIZE_THREAD
    import OperatingSystem

    typealias Mutex = FollowedMutex
#endif
