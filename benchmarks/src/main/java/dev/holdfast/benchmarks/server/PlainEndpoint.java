package dev.holdfast.benchmarks.server;

import dev.holdfast.benchmarks.wire.BlockOutput;
import dev.holdfast.benchmarks.wire.FrameInput;
import dev.holdfast.benchmarks.wire.Frames;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.benchmarks.wire.Work;
import java.io.IOException;

/** An endpoint for a plain WebSocket. */
final class PlainEndpoint implements Endpoint {
    private final Work work;
    private final BlockOutput out;
    private final byte[] frame;
    /** Ready-made frames, as many as one write should carry. */
    private final byte[] block;

    private final int framesInBlock;
    private int received;

    PlainEndpoint(Work work, BlockOutput out) {
        this.work = work;
        this.out = out;
        this.frame = Frames.unmasked(work.binary() ? Frames.BINARY : Frames.TEXT, Payloads.utf8(work.bytes()));
        this.framesInBlock = Math.max(1, BlockOutput.BLOCK_BYTES / frame.length);
        this.block = new byte[framesInBlock * frame.length];
        for (int i = 0; i < framesInBlock; i++) System.arraycopy(frame, 0, block, i * frame.length, frame.length);
    }

    @Override
    public boolean onMessage(FrameInput message) throws IOException {
        switch (work.kind()) {
            case SINK -> {
                if (++received % work.count() == 0) out.write(frame);
            }
            case SOURCE -> send(work.count());
            case SLOW_SINK -> {}
            case ECHO -> out.write(Frames.unmasked(message.opcode(), message.payload()));
            case CUT -> {
                return false;
            }
        }
        return true;
    }

    private void send(int count) throws IOException {
        int left = count;
        for (; left >= framesInBlock; left -= framesInBlock) out.write(block);
        for (; left > 0; left--) out.write(frame);
    }
}
