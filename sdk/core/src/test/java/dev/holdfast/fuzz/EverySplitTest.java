package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.frame.Wire;
import dev.holdfast.internal.message.CloseStatus;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import okio.BufferedSource;
import okio.ByteString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** There is no place where it makes a difference that the network cuts a stream in two, nor does it to cut it everywhere. */
class EverySplitTest {
    private static final int MAX_MESSAGE_BYTES = 200;
    private static final ByteString TEXT = ByteString.encodeUtf8("aé€😀");
    private static final ByteString BYTES = ByteString.of(new byte[126]);
    private static final ByteString PING = ByteString.encodeUtf8("ping");
    private static final ByteString BYE = CloseStatus.of(1000, "bye€").encode();

    static Stream<Arguments> streams() {
        return Stream.of(
                arguments(
                        "whole messages",
                        (Consumer<FrameWriter>) EverySplitTest::wholeMessages,
                        new Assembly(
                                List.of(
                                        new Assembly.Text(TEXT.utf8()),
                                        new Assembly.Binary(BYTES),
                                        new Assembly.Text(""),
                                        new Assembly.Close(1000, "bye€")),
                                Assembly.END)),
                arguments(
                        "fragments",
                        (Consumer<FrameWriter>) EverySplitTest::fragments,
                        new Assembly(
                                List.of(
                                        new Assembly.Ping(PING),
                                        new Assembly.Pong(ByteString.EMPTY),
                                        new Assembly.Text(TEXT.utf8()),
                                        new Assembly.Binary(BYTES)),
                                Assembly.END)),
                arguments(
                        "not UTF-8",
                        (Consumer<FrameWriter>) EverySplitTest::notUtf8,
                        new Assembly(List.of(new Assembly.Ping(PING)), Assembly.violation(1007))),
                arguments(
                        "cut short",
                        (Consumer<FrameWriter>) EverySplitTest::cutShort,
                        new Assembly(List.of(new Assembly.Text(TEXT.utf8())), Assembly.CUT_SHORT)),
                arguments(
                        "too big",
                        (Consumer<FrameWriter>) EverySplitTest::tooBig,
                        new Assembly(List.of(new Assembly.Text(TEXT.utf8())), Assembly.violation(1009))));
    }

    private static void wholeMessages(FrameWriter writer) {
        writer.writeText(TEXT.utf8(), TEXT.size());
        whole(writer, Opcode.BINARY, BYTES);
        writer.writeText("", 0);
        whole(writer, Opcode.CLOSE, BYE);
    }

    private static void fragments(FrameWriter writer) {
        writer.writeFrame(false, Opcode.TEXT, TEXT, 0, 2);
        whole(writer, Opcode.PING, PING);
        writer.writeFrame(false, Opcode.CONTINUATION, TEXT, 2, 6);
        whole(writer, Opcode.PONG, ByteString.EMPTY);
        writer.writeFrame(false, Opcode.CONTINUATION, TEXT, 8, 0);
        writer.writeFrame(true, Opcode.CONTINUATION, TEXT, 8, 2);
        writer.writeFrame(false, Opcode.BINARY, BYTES, 0, 126);
        writer.writeFrame(true, Opcode.CONTINUATION, BYTES, 0, 0);
    }

    private static void notUtf8(FrameWriter writer) {
        writer.writeFrame(false, Opcode.TEXT, TEXT, 0, 9);
        whole(writer, Opcode.PING, PING);
        whole(writer, Opcode.CONTINUATION, TEXT);
    }

    private static void cutShort(FrameWriter writer) {
        writer.writeText(TEXT.utf8(), TEXT.size());
        writer.writeFrame(false, Opcode.TEXT, TEXT, 0, 5);
    }

    private static void tooBig(FrameWriter writer) {
        writer.writeText(TEXT.utf8(), TEXT.size());
        writer.writeFrame(false, Opcode.BINARY, BYTES, 0, 126);
        writer.writeFrame(true, Opcode.CONTINUATION, BYTES, 0, 75);
    }

    private static void whole(FrameWriter writer, int opcode, ByteString payload) {
        writer.writeFrame(true, opcode, payload, 0, payload.size());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("streams")
    void atEveryByteAndAtAllOfThem(String name, Consumer<FrameWriter> peer, Assembly expected) throws IOException {
        for (boolean masked : new boolean[] {false, true}) {
            FrameBuffer out = new FrameBuffer();
            peer.accept(new FrameWriter(out, masked ? new MaskingKeys(new Random(1)) : null));
            ByteString wire = Wire.take(out).readByteString();
            assertEquals(expected, read(Pieces.of(wire, () -> wire.size()), masked), "in one piece");
            assertEquals(expected, read(Pieces.single(wire), masked), "byte by byte");
            for (int cut = 1; cut < wire.size(); cut++) {
                assertEquals(expected, read(inTwo(wire, cut), masked), "cut after " + cut + " bytes");
            }
        }
    }

    private static Assembly read(BufferedSource source, boolean masked) throws IOException {
        return Assembly.of(source, masked, MAX_MESSAGE_BYTES);
    }

    private static BufferedSource inTwo(ByteString wire, int cut) {
        IntStream lengths = IntStream.concat(IntStream.of(cut), IntStream.generate(wire::size));
        return Pieces.of(wire, lengths.iterator()::nextInt);
    }
}
