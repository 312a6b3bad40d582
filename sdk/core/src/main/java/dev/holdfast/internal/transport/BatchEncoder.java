package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageEncoder;
import java.util.ArrayDeque;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The batch that the writer took from the {@link OutgoingQueue} and writes next: control frames, a chunk of messages that their
 * senders have encoded, or messages that it encodes itself, and last the close frame. Long messages and streams become
 * fragments.
 *
 * <p>Confined to the writer's thread. Methods marked "with the lock held" are called by the queue on that thread.
 */
final class BatchEncoder {
    /** Large enough to make a system call worth its cost; small enough that a ping does not wait long behind it. */
    private static final int BATCH_BYTES = 64 * 1024;

    private final OutgoingQueue queue;
    private final FrameBuffer out;
    private final FrameWriter frames;
    private final MessageEncoder messages;
    private final int fragmentBytes;
    private final int maxEncodedBySender;

    private ControlFrames control = new ControlFrames();
    private EncodedMessages.@Nullable Chunk chunk;
    private ArrayDeque<OutgoingMessage> ready = new ArrayDeque<>(0);
    /** Our close frame, if no message follows what was taken. */
    private @Nullable CloseStatus close;

    /** The stream that is the current message. Its fields are guarded by the queue's lock. */
    private @Nullable OutgoingStream streaming;
    /** Bytes read from the stream and not encoded yet. */
    private final Buffer streamed = new Buffer();

    private boolean streamEnded;
    private boolean brokenOff;
    /** The payload bytes of the current message, unless it is a stream. */
    private long messageBytes;

    private int completed;
    private long completedBytes;

    /**
     * @param out receives what {@code frames} and {@code messages} encode
     * @param fragmentBytes the maximum payload of a stream's fragment
     * @param maxEncodedBySender the maximum length of a message that its sender may encode, negative for none
     */
    BatchEncoder(
            OutgoingQueue queue,
            FrameBuffer out,
            FrameWriter frames,
            MessageEncoder messages,
            int fragmentBytes,
            int maxEncodedBySender) {
        this.queue = queue;
        this.out = out;
        this.frames = frames;
        this.messages = messages;
        this.fragmentBytes = fragmentBytes;
        this.maxEncodedBySender = maxEncodedBySender;
    }

    int maxEncodedBySender() {
        return maxEncodedBySender;
    }

    /** Returns the capacity of the output buffer, in bytes. */
    int capacity() {
        return out.capacity();
    }

    /** Releases the memory of the output buffer and of the chunk that was written. */
    void release() {
        chunk = null;
        out.release();
    }

    /** Returns whether all that was taken is encoded to its end. */
    boolean isIdle() {
        return streaming == null && !messages.hasMore() && ready.isEmpty();
    }

    // ---- taking: with the lock held ----

    /** Takes the control frames to send. Returns the empty ones of the previous batch in exchange. */
    ControlFrames takeControl(ControlFrames queued) {
        ControlFrames empty = control;
        control = queued;
        return empty;
    }

    /** Takes encoded messages, or null for none. Begins the batch: no close frame follows it yet. */
    void takeChunk(EncodedMessages.@Nullable Chunk encoded) {
        chunk = encoded;
        close = null;
    }

    /** Takes all of {@code queued} unless some is left from before. Returns the messages that remain queued. */
    ArrayDeque<OutgoingMessage> takeMessages(ArrayDeque<OutgoingMessage> queued) {
        if (!ready.isEmpty()) return queued;
        ArrayDeque<OutgoingMessage> empty = ready;
        ready = queued;
        return empty;
    }

    /** Takes what has been appended to the stream. */
    void takeFrom(OutgoingStream stream) {
        if (streamed.size() < fragmentBytes) streamed.write(stream.pending, stream.pending.size());
        streamEnded = stream.ended && stream.pending.exhausted();
    }

    /** Ends the batch, and all that is sent, with our close frame. */
    void endWith(CloseStatus ours) {
        close = ours;
    }

    /** Encodes nothing more but our close frame: the current message will have no end. */
    void breakOff(CloseStatus ours) {
        brokenOff = true;
        close = ours;
    }

    /** Returns whether something of what was taken is to be encoded, or can be taken from the current stream. */
    boolean hasWork() {
        OutgoingStream stream = streaming;
        if (stream == null) return messages.hasMore() || !ready.isEmpty();
        return !streamed.exhausted() || !stream.pending.exhausted() || stream.ended || stream.broken;
    }

    /** Returns the stream that is the current message, null if it is none. */
    @Nullable
    OutgoingStream streaming() {
        return streaming;
    }

    // ---- encoding: without the lock ----

    /** Encodes the control frames. Returns whether a ping was among them. */
    boolean encodeControl() {
        return control.encode(frames);
    }

    /** Returns the messages to write that their senders have encoded, null if there are none. */
    EncodedMessages.@Nullable Chunk chunk() {
        return chunk;
    }

    /** Fills the buffer with messages, asking the queue for more when all are encoded. */
    void encodeMessages() {
        if (isIdle() || brokenOff) return;
        while (out.size() < BATCH_BYTES) {
            if (streaming != null) {
                if (streamed.exhausted() && !streamEnded) return;
                encodeStream();
            } else if (messages.hasMore()) {
                messages.encodeNext();
                if (!messages.hasMore()) complete(messageBytes);
            } else if (!ready.isEmpty()) {
                encodeMessage(ready.remove());
            } else if (!queue.takeMore(this)) {
                return;
            }
        }
    }

    private void encodeMessage(OutgoingMessage message) {
        messageBytes = message.length;
        if (message.text != null) {
            messages.text(message.text, message.length);
        } else if (message.utf8 != null) {
            messages.text(message.utf8);
        } else if (message.bytes != null) {
            messages.binary(message.bytes);
        } else if (message.stream != null) {
            if (queue.begin(message.stream)) begin(message.stream);
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
        Buffer fragment = new Buffer();
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

    /** Encodes our close frame if nothing goes before it. Returns whether it did. */
    boolean encodeClose() {
        CloseStatus last = close;
        if (last == null || (!isIdle() && !brokenOff)) return false;
        ByteString payload = last.encode();
        frames.writeFrame(true, Opcode.CLOSE, payload, 0, payload.size());
        return true;
    }

    /** Returns the number of messages encoded to their end since the last call. */
    int takeCompleted() {
        int messages = completed;
        completed = 0;
        return messages;
    }

    /** Returns the payload bytes encoded since the last call. */
    long takeCompletedBytes() {
        long bytes = completedBytes;
        completedBytes = 0;
        return bytes;
    }
}
