package dev.holdfast;

/**
 * Where a {@link HoldfastClient} stands.
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
    /** Not connected and not trying to be. What was sent waits for {@link HoldfastClient#connect}. */
    IDLE,
    /** An attempt to connect is under way. */
    CONNECTING,
    /** Connected; the session is being opened or resumed and what was missed is replayed. */
    RESUMING,
    /** Connected and live. */
    OPEN,
    /** The connection was lost; the next attempt is due after a delay. */
    WAITING,
    /** There is no network, says the {@link NetworkMonitor}; the next attempt follows when there is. */
    OFFLINE,
    /** {@link HoldfastClient#close} was called; what is queued still goes out, within a time limit. */
    CLOSING,
    /** Ended. Nothing happens any more. */
    CLOSED
}
