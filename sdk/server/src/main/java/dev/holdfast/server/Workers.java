package dev.holdfast.server;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for tasks that may block: as many as there are tasks running, and none when idle. */
final class Workers {
    private static final int IDLE_SECONDS = 5;

    static final Executor SHARED = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> DaemonThreads.named("holdfast-server-worker", task));

    private Workers() {}
}
