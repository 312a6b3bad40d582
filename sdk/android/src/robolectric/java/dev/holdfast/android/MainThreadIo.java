package dev.holdfast.android;

import java.security.Permission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Finds disk and network access on the current thread, as Android's StrictMode does. Robolectric has no StrictMode for the
 * JDK's own classes, so a security manager stands in for it: the JDK asks it before it opens a file or a socket. The JVM needs
 * {@code -Djava.security.manager=allow}, which works up to Java 23.
 */
final class MainThreadIo {
    /** The JVM reads files for these, where Android does not or has done so before the process started. */
    private static final Set<String> OF_THE_JVM = Set.of("sun.security.provider.NativePRNG", "java.util.ServiceLoader");

    private MainThreadIo() {}

    /** Runs the task and returns what it read, wrote or connected to on this thread. */
    @SuppressWarnings("removal") // There is no other way to see every access.
    static List<String> during(Runnable task) {
        Thread watched = Thread.currentThread();
        List<String> found = new ArrayList<>();
        SecurityManager before = System.getSecurityManager();
        System.setSecurityManager(new SecurityManager() {
            private void access(String what) {
                if (Thread.currentThread() == watched && !isLoadingClasses()) found.add(what);
            }

            @Override
            public void checkRead(String file) {
                access("read " + file);
            }

            @Override
            public void checkRead(String file, Object context) {
                access("read " + file);
            }

            @Override
            public void checkWrite(String file) {
                access("write " + file);
            }

            @Override
            public void checkDelete(String file) {
                access("delete " + file);
            }

            @Override
            public void checkConnect(String host, int port) {
                access((port < 0 ? "resolve " : "connect " + port + " ") + host);
            }

            @Override
            public void checkConnect(String host, int port, Object context) {
                checkConnect(host, port);
            }

            @Override
            public void checkListen(int port) {
                access("listen " + port);
            }

            @Override
            public void checkPermission(Permission permission) {}

            @Override
            public void checkPermission(Permission permission, Object context) {}
        });
        try {
            task.run();
        } finally {
            System.setSecurityManager(before);
        }
        return found;
    }

    private static boolean isLoadingClasses() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.anyMatch(frame -> ClassLoader.class.isAssignableFrom(frame.getDeclaringClass())
                        || OF_THE_JVM.contains(frame.getClassName())));
    }
}
