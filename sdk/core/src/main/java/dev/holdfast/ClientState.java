package dev.holdfast;

/**
 * The state of a {@link HoldfastClient}. More constants may be added: keep a default branch.
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
 * </pre>
 *
 * A session of {@link Session#none()} has no RESUMING: it is OPEN when the upgrade is done.
 */
public enum ClientState {
    /** Not connected, and no attempt follows. Sent messages wait for {@link HoldfastClient#connect}. */
    IDLE,
    /** The client is making an attempt to connect. */
    CONNECTING,
    /** Connected. The session is being opened or resumed, and missed messages are replayed. */
    RESUMING,
    /** Connected and live. */
    OPEN,
    /** The connection was lost; the next attempt is due after a delay. */
    WAITING,
    /** The {@link NetworkMonitor} reports no network. The next attempt follows when there is one. */
    OFFLINE,
    /** {@link HoldfastClient#close} was called. Queued messages are still sent, within a time limit. */
    CLOSING,
    /** Ended for good. */
    CLOSED
}
