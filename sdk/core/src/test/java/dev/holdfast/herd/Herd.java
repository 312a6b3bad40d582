package dev.holdfast.herd;

import java.util.Arrays;
import java.util.Random;

/**
 * Many clients of one server, which is cut off from all of them at once, is down for a while and then takes so many
 * connections a second; the others it refuses. In steps of a millisecond, of simulated time.
 *
 * <p>What it leaves out: attempts that hang rather than being refused, connections that are lost again, and clients that
 * notice the cut late.
 */
final class Herd {
    /** Longer than any delay, in milliseconds, and a power of two. */
    private static final int RING = 1 << 17;

    private static final int NOBODY = -1;
    private static final double MIN_ROUND_TRIP = 0.020;
    private static final double MAX_ROUND_TRIP = 0.200;

    private final int clients;
    private final double down;
    private final double acceptsASecond;

    /**
     * A server and its clients.
     *
     * @param down for how many seconds it refuses everybody
     */
    Herd(int clients, double down, double acceptsASecond) {
        this.clients = clients;
        this.down = down;
        this.acceptsASecond = acceptsASecond;
    }

    /** Lets all come back, or {@code limitSeconds} pass. */
    Comeback run(Policy policy, long seed, int limitSeconds) {
        Random random = new Random(seed);
        double[] roundTrip = new double[clients];
        int[] failures = new int[clients];
        // Each client is in one list: that of the millisecond in which its next attempt arrives.
        int[] first = new int[RING];
        int[] next = new int[clients];
        Arrays.fill(first, NOBODY);
        for (int client = 0; client < clients; client++) {
            roundTrip[client] = MIN_ROUND_TRIP + random.nextDouble() * (MAX_ROUND_TRIP - MIN_ROUND_TRIP);
            failures[client] = 1;
            enter(client, 0, roundTrip[client] + policy.delay(1, random), first, next);
        }
        int[] attempts = new int[limitSeconds * 1000];
        int[] accepted = new int[limitSeconds * 1000];
        int back = 0;
        double room = 0;
        for (int now = 0; back < clients && now < attempts.length; now++) {
            // What was not used is lost, but for a tenth of a second's worth.
            if (now >= down * 1000) room = Math.min(room + acceptsASecond / 1000, acceptsASecond / 10);
            int client = first[now % RING];
            first[now % RING] = NOBODY;
            while (client != NOBODY) {
                int following = next[client];
                attempts[now]++;
                if (room >= 1) {
                    room--;
                    accepted[now]++;
                    back++;
                } else {
                    failures[client]++;
                    enter(client, now, roundTrip[client] + policy.delay(failures[client], random), first, next);
                }
                client = following;
            }
        }
        return new Comeback(clients, attempts, accepted);
    }

    private static void enter(int client, int now, double seconds, int[] first, int[] next) {
        int millis = Math.max(1, (int) Math.round(seconds * 1000));
        if (millis >= RING) throw new IllegalArgumentException("delay of " + seconds + " s");
        int slot = (now + millis) % RING;
        next[client] = first[slot];
        first[slot] = client;
    }
}
