package dev.holdfast;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The listeners of a {@link NetworkMonitor}, and what each was told. Its own lock is held during every call, which makes
 * them one at a time and lets none begin after a registration was closed. A listener may come back in from its call.
 */
final class Watchers {
    private final Set<Watcher> watchers = new LinkedHashSet<>();
    /** Null while it is not known whether there is a network. */
    private @Nullable Boolean available;

    /** Counts the networks. */
    private long network;

    private boolean telling;

    private final class Watcher implements NetworkMonitor.Registration {
        final NetworkMonitor.Listener listener;
        final Runnable onClosed;

        @Nullable
        Boolean toldAvailable;

        long toldNetwork;

        Watcher(NetworkMonitor.Listener listener, Runnable onClosed) {
            this.listener = listener;
            this.onClosed = onClosed;
        }

        /** Returns false if there was nothing to tell. */
        boolean tell() {
            Boolean now = available;
            if (now == null || (now.equals(toldAvailable) && (!now || toldNetwork == network))) return false;
            boolean changed = now.equals(toldAvailable);
            toldAvailable = now;
            toldNetwork = network;
            if (changed) {
                listener.onChanged();
            } else if (now) {
                listener.onAvailable();
            } else {
                listener.onLost();
            }
            return true;
        }

        @Override
        public void close() {
            synchronized (Watchers.this) {
                if (watchers.remove(this)) onClosed.run();
            }
        }
    }

    /**
     * Tells one more, at once if there is something to tell.
     *
     * @param onClosed called once, when the registration is closed
     */
    synchronized NetworkMonitor.Registration add(NetworkMonitor.Listener listener, Runnable onClosed) {
        Watcher watcher = new Watcher(listener, onClosed);
        watchers.add(watcher);
        tellAll();
        return watcher;
    }

    /** There is a network, the same as before if there was one. */
    synchronized void available() {
        if (Boolean.TRUE.equals(available)) return;
        available = true;
        network++;
        tellAll();
    }

    /** There is a network, but another one than before. */
    synchronized void changed() {
        available = true;
        network++;
        tellAll();
    }

    /** There is none. */
    synchronized void lost() {
        available = false;
        tellAll();
    }

    /** What was known is not known any more. */
    synchronized void forget() {
        available = null;
    }

    synchronized boolean isEmpty() {
        return watchers.isEmpty();
    }

    /** A listener that changes the state from its call is told of that after the call, by the loop that called it. */
    private void tellAll() {
        if (telling) return;
        telling = true;
        try {
            boolean told;
            do {
                told = false;
                for (Watcher watcher : watchers.toArray(new Watcher[0])) {
                    if (watchers.contains(watcher)) told |= watcher.tell();
                }
            } while (told);
        } finally {
            telling = false;
        }
    }
}
