package dev.holdfast;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.holdfast.internal.CheckReturnValue;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Snapshot;
import dev.holdfast.protocol.Opened;
import dev.holdfast.protocol.Outgoing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Headers;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The conventions of the public immutable values: equality, texts, and results that must be used. */
@Tag("slow")
class ValuesTest {
    private static final JavaClasses SDK = new ClassFileImporter()
            .importUrl(
                    HoldfastClient.class.getProtectionDomain().getCodeSource().getLocation());

    /** Public final classes that are no values: they act, or stand for one thing that happens. */
    private static final Set<Class<?>> NO_VALUES = Set.of(
            BinaryEnvelopes.class,
            Carrier.class,
            ConnectRateLimit.class,
            Delivery.class,
            FrameLog.class,
            HoldfastClient.class,
            HoldfastClientBuilder.class,
            JacksonCodec.class,
            ManualNetworkMonitor.class,
            Message.class,
            Testing.class,
            TypedMessages.class);

    /** One object, since functions have no equality of their own. */
    private static final Function<String, String> SAME = Function.identity();

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    /** All different; made anew on each call. Those of one type differ from each other in one property or more. */
    static List<Object> values() {
        ResumeFrom.Place id = ResumeFrom.jsonPointer("/id");
        ReconnectPolicy policy = ReconnectPolicy.standard();
        Loss loss = Loss.of(ConnectionFailure.Phase.TCP, "refused", null);
        List<Object> values = new ArrayList<>(List.of(
                StoreChange.put(1, new byte[] {1}),
                StoreChange.put(1, new byte[] {1, 2}),
                StoreChange.put(2, new byte[] {1}),
                StoreChange.delete(1),
                Backoff.exponential(seconds(1), seconds(2)),
                Backoff.exponential(seconds(2), seconds(2)),
                Backoff.exponential(seconds(1), seconds(3)),
                Backoff.exponential(seconds(1), seconds(2)).withoutJitter(),
                Backoff.exponential(seconds(1), seconds(2)).withResetAfter(seconds(9)),
                new CloseReason(1000, ""),
                new CloseReason(1001, ""),
                new CloseReason(1000, "bye"),
                Compression.none(),
                Compression.deflate(),
                Compression.deflate().withThreshold(1),
                Compression.deflate().withoutClientContextTakeover(),
                Compression.deflate().withoutServerContextTakeover(),
                Compression.deflate().withClientMaxWindowBits(9),
                Compression.deflate().withServerMaxWindowBits(9),
                new ConnectionFailure(loss, Decision.stop("forbidden")),
                new ConnectionFailure(loss, Decision.stop("gone for good")),
                new ConnectionFailure(
                        Loss.closed(ConnectionFailure.Phase.SESSION, 1001, ""), Decision.stop("forbidden")),
                Credential.bearer("a"),
                Credential.bearer("b"),
                Credential.bearer("a").withLifetime(seconds(1)),
                Credential.header("a", "b"),
                Credential.query("a", "b"),
                Credential.inOpen("a"),
                EncodedPayload.text("1"),
                EncodedPayload.json("1"),
                EncodedPayload.binary(ByteString.encodeUtf8("1")),
                EncodedPayload.text("22"),
                Heartbeat.none(),
                Heartbeat.every(seconds(1)),
                Heartbeat.serverPings(seconds(1)),
                Heartbeat.every(seconds(1)).withDeadline(seconds(2)),
                Heartbeat.every(seconds(1)).withAdaptiveDeadline(seconds(2)),
                new Metrics(Map.of(Metrics.Counter.PINGS, 1L), 1, 2, 3, null),
                new Metrics(Map.of(Metrics.Counter.PONGS, 1L), 1, 2, 3, null),
                new Metrics(Map.of(Metrics.Counter.PINGS, 1L), 9, 2, 3, null),
                new Metrics(Map.of(Metrics.Counter.PINGS, 1L), 1, 9, 3, null),
                new Metrics(Map.of(Metrics.Counter.PINGS, 1L), 1, 2, 9, null),
                new Metrics(Map.of(Metrics.Counter.PINGS, 1L), 1, 2, 3, seconds(1)),
                new Opening(Headers.of("a", "b"), false, 0, 1),
                new Opening(Headers.of("a", "c"), false, 0, 1),
                new Opening(Headers.of("a", "b"), true, 0, 1),
                new Opening(Headers.of("a", "b"), true, 7, 1),
                new Opening(Headers.of("a", "b"), false, 0, 2),
                new Opening(Headers.of("a", "b"), false, 0, 1, true),
                Opened.plain(),
                Opened.plain().withServerHeartbeat(seconds(1)),
                Opened.plain().withClientHeartbeat(seconds(1), Outgoing.text("1")),
                Opened.plain().withClientHeartbeat(seconds(2), Outgoing.text("1")),
                Opened.plain().withClientHeartbeat(seconds(1), Outgoing.text("22")),
                Opened.plain().withMaxMessageBytes(1),
                Outgoing.text("1"),
                Outgoing.text("22"),
                Outgoing.text("1", ByteString.EMPTY),
                Outgoing.binary(ByteString.EMPTY),
                Outgoing.text("1").withAcknowledgement(1, 1, null),
                Outgoing.text("1").withAcknowledgement(2, 1, null),
                Outgoing.text("1").withAcknowledgement(1, 2, null),
                Outgoing.text("1").withAcknowledgement(1, 1, seconds(1)),
                Outgoing.text("1").withAnswer(1, false, null),
                OutboundQueue.ofBytes(100),
                OutboundQueue.ofBytes(101).withWaterMarks(50, 12),
                OutboundQueue.ofBytes(100).withMaxMessages(7),
                OutboundQueue.ofBytes(100).withWaterMarks(50, 5),
                OutboundQueue.ofBytes(100).withWaterMarks(60, 12),
                OutboundQueue.ofBytes(100).withOverflow(Overflow.dropOldest()),
                OutboundQueue.ofBytes(100).withRateLimit(RateLimit.ofBytes(1)),
                OutboundQueue.ofBytes(100).withBatching(seconds(1)),
                Outcome.acknowledged(),
                Outcome.written(),
                Outcome.expired(),
                Outcome.conflated(),
                Outcome.rejected("no", null),
                Outcome.rejected("no", "text"),
                Outcome.rejected("not now", null),
                Outcome.tooLarge("text"),
                Outcome.dropped(Overflow.Policy.REJECT, Outcome.Reason.QUEUE_FULL, "text"),
                Outcome.dropped(Overflow.Policy.BLOCK, Outcome.Reason.QUEUE_FULL, "text"),
                Outcome.dropped(Overflow.Policy.BLOCK, Outcome.Reason.INTERRUPTED, "text"),
                Outcome.unknown(Outcome.Reason.SESSION_LOST, "text"),
                Outcome.cancelled(Outcome.Reason.CLIENT_CLOSED, "text"),
                Overflow.reject(),
                Overflow.dropOldest(),
                Overflow.dropNewest(),
                Overflow.block(seconds(1)),
                Overflow.block(seconds(2)),
                RateLimit.ofMessages(1),
                RateLimit.ofBytes(1),
                RateLimit.ofMessages(1).withBytesPerSecond(1),
                RateLimit.ofMessages(1).withBurst(seconds(2)),
                Reaction.backoff(),
                Reaction.now(),
                Reaction.refreshCredentials(),
                Reaction.spread(seconds(1)),
                Reaction.spread(seconds(2)),
                Reaction.stop("why"),
                Reaction.stop("because"),
                policy,
                policy.withCloseReaction(1001, Reaction.now()),
                policy.withHttpStatusReaction(500, Reaction.now()),
                policy.withExceptionReaction(IOException.class, Reaction.now()),
                policy.withExceptionReaction(IOException.class, Reaction.now())
                        .withExceptionReaction(Exception.class, Reaction.now()),
                policy.withExceptionReaction(Exception.class, Reaction.now())
                        .withExceptionReaction(IOException.class, Reaction.now()),
                policy.withConnectionLostReaction(Reaction.now()),
                policy.withDefaultReaction(Reaction.now()),
                policy.withMaxAttempts(3),
                policy.withGiveUpAfter(seconds(3)),
                id,
                ResumeFrom.jsonPointer("/seq"),
                ResumeFrom.idFrom(SAME),
                id.inQuery("a"),
                id.inQuery("b"),
                id.inHeader("a"),
                id.firstMessage(SAME),
                id.inQuery("a").withStart("7"),
                id.inQuery("a").withRememberedIds(7),
                id.inQuery("a").withStaleCodes(410, 1008),
                id.inQuery("a").withStaleCodes(410),
                SendOptions.defaults(),
                SendOptions.defaults().withPriority(Priority.BULK),
                SendOptions.expiringAfter(seconds(1)),
                SendOptions.conflated("k"),
                SendOptions.defaults().withIdempotencyKey("k"),
                Session.none(),
                Session.resumable(),
                Session.resumable().withManualAcks(),
                Session.resumable().withUnknownOutcomes(UnknownOutcomes.RESEND_WITH_KEY),
                Session.resumeFrom(id.inQuery("a")),
                Session.resumeFrom(id.inQuery("b")),
                new SessionLoss("expired", List.of(), List.of(), 0),
                new SessionLoss("unknown", List.of(), List.of(), 0),
                new SessionLoss("expired", List.of(), List.of(), 1)));
        for (String key : new String[] {"k", "l"}) {
            values.add(SessionSnapshot.of(
                    new Snapshot("s", key, "s-0", false, 1, Collections.emptyList(), Collections.emptyMap()),
                    Collections.emptyList()));
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("values")
    void isEqualToItsLikeAndToNothingElse(Object value) {
        int equal = 0;
        for (Object other : values()) {
            if (!value.equals(other)) continue;
            equal++;
            assertEquals(value.hashCode(), other.hashCode());
            assertEquals(value.toString(), other.toString());
        }
        assertEquals(1, equal, "each value is there once");
        assertNotEquals(null, value);
        assertNotEquals("text", value);
    }

    private static boolean hidesWhatItHolds(Object value) {
        return value instanceof Credential
                || value instanceof EncodedPayload
                || value instanceof Opening
                || value instanceof SessionSnapshot;
    }

    @Test
    void textsDifferIfValuesDo() {
        Set<String> texts = values().stream()
                .filter(value -> !hidesWhatItHolds(value))
                .map(value -> value.getClass().getName() + value)
                .collect(Collectors.toSet());
        long values =
                values().stream().filter(value -> !hidesWhatItHolds(value)).count();
        assertEquals(values, texts.size());
    }

    @Test
    void textsHoldNoSecret() {
        assertFalse(
                Credential.bearer("secret").withLifetime(seconds(1)).toString().contains("secret"));
        assertFalse(Credential.query("token", "secret").toString().contains("secret"));
    }

    /** Every public final class is a value of the list above, or is named as none. */
    static Stream<Class<?>> valueTypes() {
        return SDK.stream()
                .filter(type -> type.getPackageName().equals("dev.holdfast"))
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC)
                        && type.getModifiers().contains(JavaModifier.FINAL)
                        && !type.isEnum()
                        && !type.isAssignableTo(Throwable.class))
                .<Class<?>>map(JavaClass::reflect)
                .filter(type -> !NO_VALUES.contains(type));
    }

    @ParameterizedTest
    @MethodSource("valueTypes")
    void hasEqualsHashCodeAndToString(Class<?> type) throws ReflectiveOperationException {
        assertEquals(type, type.getMethod("equals", Object.class).getDeclaringClass());
        assertEquals(type, type.getMethod("hashCode").getDeclaringClass());
        assertEquals(type, type.getMethod("toString").getDeclaringClass());
        assertTrue(values().stream().anyMatch(type::isInstance), "a value of " + type + " is needed above");
    }

    /** Reflection can't see the annotation: it is not kept at run time. */
    @Test
    void resultsOfWithMethodsMustBeUsed() {
        methods()
                .that()
                .arePublic()
                .and()
                .areNotStatic()
                .and()
                .haveNameMatching("with(out)?[A-Z].*")
                .and()
                .areDeclaredInClassesThat(DescribedPredicate.describe(
                        "are public classes of the SDK",
                        (JavaClass type) -> type.getModifiers().contains(JavaModifier.PUBLIC)
                                && !type.getPackageName().startsWith("dev.holdfast.internal")))
                .should(new ArchCondition<JavaMethod>("be checked, as their class or by themselves") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        boolean checked = method.isAnnotatedWith(CheckReturnValue.class)
                                || method.getOwner().isAnnotatedWith(CheckReturnValue.class);
                        events.add(new SimpleConditionEvent(method, checked, method.getFullName()));
                    }
                })
                .check(SDK);
    }

    /** A setter of an immutable value reads like a mutation and does nothing. */
    @Test
    void valuesHaveNoSetters() {
        classes()
                .that(DescribedPredicate.describe(
                        "are checked public values",
                        (JavaClass type) -> type.isAnnotatedWith(CheckReturnValue.class)
                                && !type.getPackageName().startsWith("dev.holdfast.internal")
                                && NO_VALUES.stream().noneMatch(type::isEquivalentTo)))
                .should(new ArchCondition<JavaClass>("name methods that return another value withX or withoutX") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        for (JavaMethod method : type.getMethods()) {
                            boolean copies = method.getModifiers().contains(JavaModifier.PUBLIC)
                                    && !method.getModifiers().contains(JavaModifier.STATIC)
                                    && method.getRawReturnType().equals(type);
                            boolean named = !copies || method.getName().matches("with(out)?[A-Z].*");
                            events.add(new SimpleConditionEvent(method, named, method.getFullName()));
                        }
                    }
                })
                .check(SDK);
    }

    @Test
    void aJsonPointerStartsWithASlash() {
        assertThrows(IllegalArgumentException.class, () -> ResumeFrom.jsonPointer("id"));
        assertEquals(ResumeFrom.jsonPointer(""), ResumeFrom.jsonPointer(""));
    }

    @Test
    void anIdempotencyKeyFitsTheProtocol() {
        String longest = "k".repeat(1024);
        assertEquals(longest, SendOptions.defaults().withIdempotencyKey(longest).idempotencyKey());
        assertThrows(
                IllegalArgumentException.class, () -> SendOptions.defaults().withIdempotencyKey(longest + "k"));
        assertThrows(
                IllegalArgumentException.class, () -> SendOptions.defaults().withIdempotencyKey(""));
    }
}
