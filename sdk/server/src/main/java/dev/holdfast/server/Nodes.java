package dev.holdfast.server;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The servers that share a store, for requests that come to one of them and are for a connection of another. The methods
 * block; tasks of {@link Workers} call them.
 */
interface Nodes {
    /** Receives what another server tells. Called by one thread, which it must not keep. */
    @FunctionalInterface
    interface Listener {
        void onTold(String word, String name, String value);
    }

    /** Sets who receives what is told with a word. To be called before any request. */
    void listen(String word, Listener listener);

    /** Returns the name of this server. */
    String self();

    /** Takes the name of a connection for this server. Returns false if any server has had it. */
    boolean claim(String connection);

    /** Forgets the name of a connection after a while. */
    void release(String connection);

    /**
     * Lets no server claim these connections for a minute from now on.
     *
     * @return the servers that have claimed some of them before, by the connection. These claims stay as they are
     */
    Map<String, String> giveUp(List<String> connections);

    /** Returns the server that has a connection, null if none has. */
    @Nullable
    String holder(String connection);

    /** Tells a server something. Returns false if it does not listen. */
    boolean tell(String node, String word, String name, String value);
}
