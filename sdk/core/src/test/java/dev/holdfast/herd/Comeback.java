package dev.holdfast.herd;

import java.util.Arrays;

/** A server's record, from the cut until all clients were connected again. */
final class Comeback {
    private final int clients;
    private final int[] attempts;
    private final int[] accepted;

    /** By the millisecond. */
    Comeback(int clients, int[] attempts, int[] accepted) {
        this.clients = clients;
        this.attempts = attempts;
        this.accepted = accepted;
    }

    long totalAttempts() {
        return Arrays.stream(attempts).asLongStream().sum();
    }

    int back() {
        return Arrays.stream(accepted).sum();
    }

    /** The most connections taken in any bucket. */
    int mostAccepted(int bucketMillis) {
        int most = 0;
        for (int i = 0; i < accepted.length; i += bucketMillis) {
            int end = Math.min(i + bucketMillis, accepted.length);
            most = Math.max(most, Arrays.stream(accepted, i, end).sum());
        }
        return most;
    }

    /** Seconds until that share of the clients was back; infinite if it was not. */
    double timeUntilBack(double share) {
        long needed = (long) Math.ceil(share * clients);
        long back = 0;
        for (int i = 0; i < accepted.length; i++) {
            back += accepted[i];
            if (back >= needed) return (i + 1) / 1000.0;
        }
        return Double.POSITIVE_INFINITY;
    }

    /** The most attempts in any bucket, as a rate a second. */
    double peak(int bucketMillis) {
        return Arrays.stream(buckets(bucketMillis)).max().orElseThrow();
    }

    /** The most attempts in any whole second from {@code second} on. */
    double peakFrom(double second) {
        double[] seconds = buckets(1000);
        return Arrays.stream(seconds, Math.min((int) Math.ceil(second), seconds.length), seconds.length)
                .max()
                .orElse(0);
    }

    /** Attempts a second, on average until all were back: the rate of a load that is the same all the time. */
    double flat() {
        return totalAttempts() / timeUntilBack(1);
    }

    /** Attempts a second in each bucket. */
    double[] buckets(int millis) {
        double[] buckets = new double[(attempts.length + millis - 1) / millis];
        for (int i = 0; i < attempts.length; i++) buckets[i / millis] += attempts[i] * 1000.0 / millis;
        return buckets;
    }
}
