package dev.holdfast.sample.demo;

import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.Middlebox;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A fault, either momentary or from {@link #begin} to {@link #end}. */
@SuppressWarnings("ImmutableEnumChecker") // the actions on a peer hold no state
public enum Fault {
    CUT(
            "Cut",
            "Resets the connection. Both ends notice at once, and the client is back in no time",
            Part.CONNECTION,
            peer -> peer.proxy().cut()),
    END(
            "End",
            "Ends the TCP stream without a close frame, in the middle of whatever it carries",
            Part.CONNECTION,
            peer -> peer.proxy().end()),
    FORGET(
            "Router restart",
            "A router forgets this connection and tells nobody. A new connection works at once, unlike in a black hole",
            Part.CONNECTION,
            peer -> peer.proxy().forget()),
    REFUSE(
            "Refuse",
            "Resets the connection and refuses new ones, until you press it again",
            Part.DOOR,
            peer -> {
                peer.proxy().refuse(true);
                peer.proxy().cut();
            },
            peer -> peer.proxy().refuse(false)),
    BLACK_HOLE_OUT(
            "Black hole out",
            "Bytes to the server vanish, on new connections too, until you press it again",
            Part.NETWORK,
            peer -> peer.proxy().blackHole(Direction.CLIENT_TO_SERVER, true),
            Fault::noBlackHole),
    BLACK_HOLE_IN(
            "Black hole in",
            "Bytes to the client vanish, on new connections too, until you press it again",
            Part.NETWORK,
            peer -> peer.proxy().blackHole(Direction.SERVER_TO_CLIENT, true),
            Fault::noBlackHole),
    BLACK_HOLE(
            "Black hole",
            "All bytes vanish, on new connections too, until you press it again",
            Part.NETWORK,
            peer -> peer.proxy().blackHole(Direction.BOTH, true),
            Fault::noBlackHole),
    NETWORK_OFF(
            "Network off",
            "The system says that there is no network, so the client makes no attempt until it is back",
            Part.NETWORK,
            peer -> {
                peer.proxy().blackHole(Direction.BOTH, true);
                peer.network().lost();
            },
            peer -> {
                noBlackHole(peer);
                peer.network().available();
            }),
    BLOCK_WEB_SOCKETS(
            "Blocking proxy",
            "A proxy refuses WebSockets, until you press it again. The session goes on over plain HTTP",
            Part.MIDDLEBOX,
            peer -> peer.block(Middlebox.FORBIDS_UPGRADES),
            Peer::allow),
    BUFFER(
            "Buffering proxy",
            "A proxy refuses WebSockets and also holds streams back, until you press it again. The client polls",
            Part.MIDDLEBOX,
            peer -> peer.block(Middlebox.BUFFERS),
            Peer::allow),
    DELAY(
            "Delay",
            "Every byte is late",
            Part.PACE,
            peer -> peer.delay(Duration.ofMillis(Fault.DELAY_MILLIS)),
            peer -> peer.delay(Duration.ZERO)),
    THROTTLE(
            "Throttle",
            "Few bytes come through per second",
            Part.PACE,
            peer -> peer.throttle(Fault.THROTTLE_KIBIBYTES * 1024L),
            peer -> peer.throttle(0)),
    RESTART(
            "Restart",
            "The server goes down and comes back with its log of messages: the session is resumed",
            Part.SERVER,
            Peer::stopServer,
            Peer::startServer),
    RESTART_WITHOUT_LOG(
            "Lose the log",
            "The server comes back without its log of messages: the session is lost, and the client says so",
            Part.SERVER,
            Peer::stopServer,
            peer -> {
                peer.loseLogs();
                peer.startServer();
            }),
    DRAIN(
            "Drain",
            "The server asks the client to move: a second connection takes over without a gap",
            Part.SERVER,
            peer -> peer.drain(Duration.ofMillis(300))),
    EXPIRE_SESSION(
            "Expire session",
            "The server ends the session, as after a long absence: it is lost, and the client says so",
            Part.SERVER,
            Peer::expireSessions),
    EXPIRE_CREDENTIAL(
            "Expire token",
            "The client's credential is no longer valid: it asks the application for a new one",
            Part.SERVER,
            Peer::expireCredentials),
    SUSPEND(
            "Suspend",
            "The process stands still for 6 s, server and all, as when a laptop sleeps",
            Part.CLOCK,
            peer -> Suspension.of(Duration.ofMillis(900)));

    /** The part that a fault affects. No two faults affect the same part at the same time. */
    public enum Part {
        CONNECTION,
        NETWORK,
        MIDDLEBOX,
        PACE,
        DOOR,
        SERVER,
        CLOCK
    }

    public static final int DELAY_MILLIS = 100;

    /** The throttle in KiB per second, which is less than is sent in a storm. */
    public static final int THROTTLE_KIBIBYTES = 16;

    private final String label;
    private final String explanation;
    private final Part part;
    private final Consumer<Peer> begin;
    private final @Nullable Consumer<Peer> end;

    /** Creates a momentary fault. */
    Fault(String label, String explanation, Part part, Consumer<Peer> begin) {
        this(label, explanation, part, begin, null);
    }

    Fault(String label, String explanation, Part part, Consumer<Peer> begin, @Nullable Consumer<Peer> end) {
        this.label = label;
        this.explanation = explanation;
        this.part = part;
        this.begin = begin;
        this.end = end;
    }

    private static void noBlackHole(Peer peer) {
        peer.proxy().blackHole(Direction.BOTH, false);
    }

    /** Begins the fault. May block. */
    public void begin(Peer peer) {
        begin.accept(peer);
    }

    /** Ends the fault. Does nothing for a momentary fault. May block. */
    public void end(Peer peer) {
        if (end != null) end.accept(peer);
    }

    /** Returns the fault's name in a word or two. */
    public String label() {
        return label;
    }

    /** Returns the fault's explanation in a sentence. */
    public String explanation() {
        return explanation;
    }

    public Part part() {
        return part;
    }

    /** Returns whether the fault breaks an open connection. */
    boolean breaksConnection() {
        return switch (part) {
            case CONNECTION, DOOR, NETWORK, MIDDLEBOX -> true;
            case SERVER -> this != DRAIN;
            case PACE, CLOCK -> false;
        };
    }

    /** Returns whether the server no longer knows the session after the fault. */
    public boolean losesSession() {
        return this == EXPIRE_SESSION || this == RESTART_WITHOUT_LOG;
    }

    /** Returns whether the fault is momentary. */
    public boolean isMoment() {
        return end == null;
    }

    /** Returns whether the fault can be applied on this machine. */
    public boolean isPossible() {
        return this != SUSPEND || Suspension.isPossible();
    }
}
