package dev.holdfast;

/**
 * The states of a {@link HoldfastClient}: whether it is connected, and what it does next. More constants may be added: keep a
 * default branch.
 *
 * <pre>
 *            connect()                upgrade done                live
 *   IDLE ───────────────► CONNECTING ─────────────► RESUMING ────────────► OPEN
 *    ▲                      ▲     │                    │                     │
 *    │ disconnect(),        │     └───────────┬────────┴─────────────────────┘
 *    │ or not to be retried │                 │ connection lost
 *    │                      │ delay over      ▼
 *    └──────────────────────┴────────────── WAITING
 *
 *   CONNECTING, WAITING ── network lost ──► OFFLINE ── network available ──► CONNECTING
 *   any ── close() ──► CLOSING ── all sent, or its time is up ──► CLOSED
 *   any ── cancel() ──► CLOSED
 *   OPEN ── handover: the other connection's upgrade done ──► RESUMING ── live ──► OPEN
 * </pre>
 *
 * Only {@link Session#resumable} sessions have RESUMING. All others are OPEN when the upgrade is done.
 *
 * <p>In a handover ({@link HoldfastClient#reconnect}, a new credential, another network, a server that drains) the client stays
 * OPEN while it opens another connection beside the current one. Then it reports RESUMING and OPEN again, and {@link
 * HoldfastListener#onOpen}, although it was never without a connection. {@link HoldfastEventListener#onHandoverDone} comes
 * before RESUMING.
 */
public enum ClientState {
    /** Not connected, and no attempt follows. Sent messages wait for {@link HoldfastClient#connect}. */
    IDLE,
    /** The client is making an attempt to connect. */
    CONNECTING,
    /** Connected. The session is being opened or resumed, and missed messages are replayed. */
    RESUMING,
    /** Connected; messages flow in both directions. */
    OPEN,
    /** The connection was lost; the next attempt is due after a delay. */
    WAITING,
    /** The {@link NetworkMonitor} reports no network. The next attempt follows when there is one. */
    OFFLINE,
    /** {@link HoldfastClient#close} was called. Queued messages are still sent, within a time limit. */
    CLOSING,
    /** The client has ended and cannot be used again. */
    CLOSED
}
