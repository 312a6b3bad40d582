package dev.holdfast.sample.demo;

import dev.holdfast.sample.fault.Direction;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A fault, either momentary or from {@link #begin} to {@link #end}. */
@SuppressWarnings("ImmutableEnumChecker") // the actions on a peer hold no state
public enum Fault {
    CUT("Cut", "Resets the connection", Part.CONNECTION, peer -> peer.proxy().cut()),
    END(
            "End",
            "Ends the connection in good order, in the middle of whatever it carries",
            Part.CONNECTION,
            peer -> peer.proxy().end()),
    FORGET(
            "Forget",
            "The network forgets the connection and tells nobody, as a router does that starts again",
            Part.CONNECTION,
            peer -> peer.proxy().forget()),
    REFUSE(
            "Refuse",
            "Resets the connection and refuses new ones",
            Part.DOOR,
            peer -> {
                peer.proxy().refuse(true);
                peer.proxy().cut();
            },
            peer -> peer.proxy().refuse(false)),
    BLACK_HOLE_OUT(
            "Black hole out",
            "Nothing comes through to the server, and nobody is told",
            Part.NETWORK,
            peer -> peer.proxy().blackHole(Direction.CLIENT_TO_SERVER, true),
            Fault::noBlackHole),
    BLACK_HOLE_IN(
            "Black hole in",
            "Nothing comes through to the client, and nobody is told",
            Part.NETWORK,
            peer -> peer.proxy().blackHole(Direction.SERVER_TO_CLIENT, true),
            Fault::noBlackHole),
    BLACK_HOLE(
            "Black hole",
            "Nothing comes through either way, and nobody is told",
            Part.NETWORK,
            peer -> peer.proxy().blackHole(Direction.BOTH, true),
            Fault::noBlackHole),
    NETWORK_OFF(
            "Network off",
            "Nothing comes through, and the system says that there is no network",
            Part.NETWORK,
            peer -> {
                peer.proxy().blackHole(Direction.BOTH, true);
                peer.network().lost();
            },
            peer -> {
                noBlackHole(peer);
                peer.network().available();
            }),
    DELAY(
            "Delay",
            "Everything takes its time",
            Part.PACE,
            peer -> peer.delay(Duration.ofMillis(Fault.DELAY_MILLIS)),
            peer -> peer.delay(Duration.ZERO)),
    THROTTLE(
            "Throttle",
            "Little comes through at a time",
            Part.PACE,
            peer -> peer.throttle(Fault.THROTTLE_KIBIBYTES * 1024L),
            peer -> peer.throttle(0)),
    RESTART(
            "Restart",
            "The server goes down and comes back with its log",
            Part.SERVER,
            Peer::stopServer,
            Peer::startServer),
    RESTART_WITHOUT_LOG(
            "Restart, log lost",
            "The server comes back without its log: the session is lost",
            Part.SERVER,
            Peer::stopServer,
            peer -> {
                peer.loseLogs();
                peer.startServer();
            }),
    DRAIN(
            "Drain",
            "The server asks the client to come on another connection",
            Part.SERVER,
            peer -> peer.drain(Duration.ofMillis(300))),
    EXPIRE_SESSION("Expire session", "The server forgets the session", Part.SERVER, Peer::expireSessions),
    EXPIRE_CREDENTIAL(
            "Expire token", "The client's credential is no longer good", Part.SERVER, Peer::expireCredentials),
    SUSPEND(
            "Suspend",
            "The process stands still, server and all, as when a laptop sleeps",
            Part.CLOCK,
            peer -> Suspension.of(Duration.ofMillis(900)));

    /** The part that a fault affects. No two faults affect the same part at the same time. */
    public enum Part {
        CONNECTION,
        NETWORK,
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

    /** Returns whether the fault is momentary. */
    public boolean isMoment() {
        return end == null;
    }

    /** Returns whether the fault can be applied on this machine. */
    public boolean isPossible() {
        return this != SUSPEND || Suspension.isPossible();
    }
}
