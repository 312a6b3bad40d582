package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageEncoder;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Encodes, a batch at a time, the messages that their senders have not encoded: long ones in fragments, streams, what is
 * compressed or observed; and last the close frame.
 *
 * <p>Confined to the thread that writes. What says so is called under the writer's lock.
 */
final class BatchEncoder {
    /** Enough to make a system call worth its cost; little enough for a ping not to wait long behind it. */
    private static final int BATCH_BYTES = 64 * 1024;

    private final FrameBuffer out;
    private final FrameWriter frames;
    private final MessageEncoder messages;
    private final int fragmentBytes;

    private ArrayDeque<OutgoingMessage> ready = new ArrayDeque<>(0);
    /** The stream that is the message at hand; its fields are the lock's all the same. */
    private @Nullable OutgoingStream streaming;
    /** What was taken from it and not encoded. */
    private final Buffer streamed = new Buffer();

    private final Buffer fragment = new Buffer();
    private boolean streamEnded;
    private boolean brokenOff;
    /** Payload of the message at hand, where it was given whole. */
    private long messageBytes;

    private int completed;
    private long completedBytes;

    /** @param fragmentBytes payload bytes of the longest fragment of a stream */
    BatchEncoder(FrameBuffer out, FrameWriter frames, MessageEncoder messages, int fragmentBytes) {
        this.out = out;
        this.frames = frames;
        this.messages = messages;
        this.fragmentBytes = fragmentBytes;
    }

    /** Whether all that was taken over is encoded to its end. */
    boolean isIdle() {
        return streaming == null && !messages.hasMore() && ready.isEmpty();
    }

    /** Whether there is something left to encode before a close frame may follow. */
    boolean hasMore() {
        return !isIdle() && !brokenOff;
    }

    /** The stream will have no end, and nothing can follow but the close frame. */
    void breakOff() {
        brokenOff = true;
    }

    /** Whether there is something to encode of what was taken over. Under the lock. */
    boolean hasWork() {
        OutgoingStream stream = streaming;
        if (stream == null) return messages.hasMore() || !ready.isEmpty();
        return !streamed.exhausted() || !stream.pending.exhausted() || stream.ended || stream.broken;
    }

    /** The stream that is the message at hand, null if that is none. */
    @Nullable
    OutgoingStream streaming() {
        return streaming;
    }

    /** Takes over all of {@code queued}, unless there is something left from before. Under the lock. */
    ArrayDeque<OutgoingMessage> take(ArrayDeque<OutgoingMessage> queued) {
        if (!ready.isEmpty()) return queued;
        ArrayDeque<OutgoingMessage> empty = ready;
        ready = queued;
        return empty;
    }

    /** Takes over what has come of the stream. Under the lock. */
    void take(OutgoingStream stream) {
        if (streamed.size() < fragmentBytes) streamed.write(stream.pending, stream.pending.size());
        streamEnded = stream.ended && stream.pending.exhausted();
    }

    /** How many messages have been encoded to their end since this was last asked for. */
    int takeCompleted() {
        int messages = completed;
        completed = 0;
        return messages;
    }

    /** How much payload has been encoded since this was last asked for. */
    long takeCompletedBytes() {
        long bytes = completedBytes;
        completedBytes = 0;
        return bytes;
    }

    /**
     * Fills the buffer with one batch.
     *
     * @param begin says whether a stream is to be sent, which from then on can't be taken back
     * @param takeMore is asked when all is encoded, and says whether there is more now
     */
    void encode(Predicate<OutgoingStream> begin, BooleanSupplier takeMore) {
        if (isIdle() || brokenOff) return;
        while (out.size() < BATCH_BYTES) {
            if (streaming != null) {
                if (streamed.exhausted() && !streamEnded) return;
                encodeStream();
            } else if (messages.hasMore()) {
                messages.encodeNext();
                if (!messages.hasMore()) complete(messageBytes);
            } else if (!ready.isEmpty()) {
                encodeMessage(ready.remove(), begin);
            } else if (!takeMore.getAsBoolean()) {
                return;
            }
        }
    }

    private void encodeMessage(OutgoingMessage message, Predicate<OutgoingStream> begin) {
        messageBytes = message.length;
        if (message.text != null) {
            messages.text(message.text, message.length);
        } else if (message.bytes != null) {
            messages.binary(message.bytes);
        } else if (message.stream != null) {
            if (begin.test(message.stream)) begin(message.stream);
            return;
        }
        if (!messages.hasMore()) complete(messageBytes);
    }

    private void begin(OutgoingStream stream) {
        messages.begin(stream.isText);
        streaming = stream;
        streamEnded = false;
    }

    /** Encodes one fragment of the stream. */
    private void encodeStream() {
        fragment.write(streamed, Math.min(streamed.size(), fragmentBytes));
        completedBytes += fragment.size();
        boolean last = streamEnded && streamed.exhausted();
        messages.fragment(fragment, last);
        if (last) {
            streaming = null;
            complete(0);
        }
    }

    private void complete(long bytes) {
        completed++;
        completedBytes += bytes;
    }

    /** The last frame of all. */
    void encode(CloseStatus close) {
        ByteString payload = close.encode();
        frames.writeFrame(true, Opcode.CLOSE, payload, 0, payload.size());
    }
}
