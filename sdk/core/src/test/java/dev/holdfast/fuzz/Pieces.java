package dev.holdfast.fuzz;

import java.io.IOException;
import java.util.Random;
import java.util.function.IntSupplier;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import okio.Okio;
import okio.Source;
import okio.Timeout;

/** A peer's bytes as a network delivers them: in pieces of any size, then the end. */
final class Pieces implements Source {
    private static final int MAX_RANDOM_PIECE = 40;
    private static final int READS_AFTER_THE_END = 10;

    private final Buffer left = new Buffer();
    private final IntSupplier pieceLengths;
    private int readsAfterTheEnd;

    private Pieces(ByteString bytes, IntSupplier pieceLengths) {
        left.write(bytes);
        this.pieceLengths = pieceLengths;
    }

    static BufferedSource of(ByteString bytes, IntSupplier pieceLengths) {
        return Okio.buffer(new Pieces(bytes, pieceLengths));
    }

    static BufferedSource single(ByteString bytes) {
        return of(bytes, () -> 1);
    }

    static BufferedSource random(ByteString bytes, long seed) {
        Random random = new Random(seed);
        return of(bytes, () -> 1 + random.nextInt(MAX_RANDOM_PIECE));
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
        if (left.exhausted() && ++readsAfterTheEnd > READS_AFTER_THE_END) {
            throw new AssertionError("goes on reading after the end");
        }
        return left.read(sink, Math.min(byteCount, pieceLengths.getAsInt()));
    }

    @Override
    public Timeout timeout() {
        return Timeout.NONE;
    }

    @Override
    public void close() {}
}
