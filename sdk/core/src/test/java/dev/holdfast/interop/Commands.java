package dev.holdfast.interop;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The server's side of {@link InteropContract}, for servers that are written in Java. */
final class Commands {
    private final Set<Peer> watchers = ConcurrentHashMap.newKeySet();

    /** What a server can do on one connection. Calls of the same thread take effect in their order. */
    interface Peer {
        String path();

        void text(String text);

        void ping(String payload);

        void fragments(List<String> fragments);

        void close(int code, String reason);

        void die();
    }

    void onText(Peer peer, String text) {
        int space = text.indexOf(' ');
        String command = space < 0 ? text : text.substring(0, space);
        String argument = text.substring(space + 1);
        switch (command) {
            case "#close" -> peer.close(Integer.parseInt(argument.substring(0, 4)), argument.substring(5));
            case "#ping" -> peer.ping(argument);
            case "#fragments" -> peer.fragments(List.of(argument.split("\\|", -1)));
            case "#die" -> peer.die();
            case "#watch" -> {
                watchers.add(peer);
                peer.text("#watching");
            }
            default -> peer.text(text);
        }
    }

    void onPong(Peer peer, String payload) {
        peer.text("#pong " + payload);
    }

    void onClose(Peer peer, int code, String reason) {
        watchers.remove(peer);
        watchers.forEach(one -> one.text("#closed " + peer.path() + " " + code + " " + reason));
    }
}
