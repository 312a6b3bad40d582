package dev.holdfast;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Length;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Words;
import dev.holdfast.websocket.HoldfastWebSockets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The permitted imports between packages, as {@code docs/architecture.md} states them. */
@Tag("slow")
class ArchitectureTest {
    /** The classes that stand beside the client's, wherever the build put them: the tests do not. */
    private static final JavaClasses SDK = new ClassFileImporter()
            .importUrl(
                    HoldfastClient.class.getProtectionDomain().getCodeSource().getLocation());

    /** A text as it came, which a session's protocol reads. */
    private static final DescribedPredicate<JavaClass> RECEIVED_TEXT =
            belongToAnyOf(Utf8Text.class, ProtocolViolation.class);

    /** Public types that carry a value and nothing else. */
    private static final DescribedPredicate<JavaClass> PUBLIC_VALUES = belongToAnyOf(
            Backoff.class,
            ClientState.class,
            CloseReason.class,
            Compression.class,
            ConnectionFailure.Phase.class,
            Credential.class,
            Credential.Place.class,
            CredentialProvider.class,
            CredentialProvider.Reason.class,
            EndpointProvider.Reason.class,
            Heartbeat.class,
            OutboundQueue.class,
            Outcome.class,
            Overflow.class,
            Overflow.Policy.class,
            Priority.class,
            Reaction.class,
            Reaction.Kind.class,
            ReconnectPolicy.class,
            RedirectPolicy.class,
            RedirectPolicy.Answer.class,
            RateLimit.class,
            SendOptions.class);

    private static final DescribedPredicate<JavaClass> JDK = resideInAnyPackage(
            "java..", "org.jspecify..", "com.google.errorprone.annotations..", "dev.holdfast.internal");

    @Test
    void framesKnowOkioOnly() {
        only("frame", JDK.or(resideInAPackage("okio..")));
    }

    @Test
    void messagesKnowFrames() {
        only(
                "message",
                JDK.or(resideInAPackage("okio.."))
                        .or(room("frame"))
                        .or(room("text"))
                        .or(belongToAnyOf(Compression.class)));
    }

    @Test
    void textKnowsNothing() {
        only("text", JDK);
    }

    @Test
    void timeKnowsNothing() {
        only("time", JDK);
    }

    @Test
    void concurrencyKnowsNothing() {
        only("concurrent", JDK);
    }

    @Test
    void transportKnowsMessagesFramesAndOkHttp() {
        only(
                "transport",
                JDK.or(resideInAnyPackage("okio..", "okhttp3..", "javax.net..", "kotlin.."))
                        .or(room("frame"))
                        .or(room("message"))
                        .or(room("text"))
                        .or(room("time"))
                        .or(room("concurrent"))
                        .or(PUBLIC_VALUES));
    }

    @Test
    void theMachineKnowsValuesOnly() {
        only(
                "session",
                JDK.or(belongToAnyOf(ByteString.class, Utf8Length.class, Words.class))
                        .or(room("settings"))
                        .or(room("text"))
                        .or(RECEIVED_TEXT)
                        .or(PUBLIC_VALUES));
        noClasses()
                .that(resideInAPackage("dev.holdfast.internal.session"))
                // A callback begins with a message, or the machine takes the message back: one of the two.
                .and()
                .doNotHaveSimpleName("CursorMark")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "java.util.concurrent.atomic",
                        "java.util.concurrent.locks",
                        "java.io",
                        "java.net",
                        "java.time"))
                .check(SDK);
    }

    /** The parts of the machine that decide: none knows another, and only what is above them knows them all. */
    @Test
    void subMachinesNeverCallEachOther() {
        DescribedPredicate<JavaClass> lifecycle = machineParts(
                "ConnectionLifecycle",
                "AttemptSchedule",
                "Connector",
                "Reconnection",
                "Handover",
                "CredentialKeeper",
                "EndpointKeeper",
                "Question",
                "ConnectRequests",
                "UnaskedRenewals");
        DescribedPredicate<JavaClass> stream = machineParts(
                "SessionStream",
                "SessionIdentity",
                "Outbox",
                "SentMessages",
                "Unwritten",
                "Batch",
                "Pace",
                "SessionStartMessages",
                "AwaitedAcks",
                "Subscriptions",
                "ClientHeartbeat",
                "OpeningDeadlines",
                "OverdueAck",
                "Inbox",
                "RecentIds",
                "RecentlyAcknowledged",
                "SeqRing",
                "Suspicion");
        DescribedPredicate<JavaClass> liveness = machineParts("Liveness");
        DescribedPredicate<JavaClass> closing = machineParts("Closing");
        DescribedPredicate<JavaClass> above = machineParts("SessionMachine", "ProtocolInput", "Flow", "Timers");
        List<DescribedPredicate<JavaClass>> parts = List.of(lifecycle, stream, liveness, closing);
        for (DescribedPredicate<JavaClass> part : parts) {
            DescribedPredicate<JavaClass> others = above;
            for (DescribedPredicate<JavaClass> other : parts) {
                if (other != part) others = others.or(other);
            }
            noClasses().that(part).should().dependOnClassesThat(others).check(SDK);
        }
    }

    private static DescribedPredicate<JavaClass> machineParts(String... names) {
        Set<String> all = Set.of(names);
        for (String name : names) SDK.get("dev.holdfast.internal.session." + name);
        return DescribedPredicate.describe("parts of the machine " + all, type -> {
            JavaClass outer = type;
            while (outer.getEnclosingClass().isPresent())
                outer = outer.getEnclosingClass().get();
            return outer.getPackageName().equals("dev.holdfast.internal.session")
                    && all.contains(outer.getSimpleName());
        });
    }

    @Test
    void settingsKnowValuesAndTime() {
        only("settings", JDK.or(room("time")).or(PUBLIC_VALUES));
    }

    @Test
    void envelopesKnowTheSessionAndJackson() {
        only(
                "resume",
                JDK.or(resideInAnyPackage("okio..", "com.fasterxml.jackson.core.."))
                        .or(RECEIVED_TEXT)
                        .or(belongToAnyOf(Words.class))
                        .or(room("session"))
                        .or(room("text")));
    }

    @Test
    void theAdapterKnowsTheSessionAndThePublicInterface() {
        only(
                "protocol",
                JDK.or(belongToAnyOf(ByteString.class, EncodedPayload.class, EncodedPayload.Kind.class))
                        .or(RECEIVED_TEXT)
                        .or(room("concurrent"))
                        .or(room("session"))
                        .or(room("text"))
                        .or(resideInAPackage("dev.holdfast.protocol")));
    }

    @Test
    void thePublicProtocolInterfaceKnowsNoInternals() {
        classes()
                .that()
                .resideInAPackage("dev.holdfast.protocol")
                .should()
                .onlyDependOnClassesThat(
                        JDK.or(belongToAnyOf(ByteString.class, ByteString[].class, EncodedPayload.class))
                                .or(resideInAPackage("dev.holdfast.protocol")))
                .check(SDK);
    }

    @Test
    void jacksonIsBehindOneDoor() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.holdfast", "dev.holdfast.protocol", "dev.holdfast.websocket")
                .and()
                // The others are not public.
                .doNotBelongToAnyOf(JacksonCodec.class, MessageTypes.class, SnapshotJson.class)
                .should()
                .dependOnClassesThat(resideInAPackage("com.fasterxml.."))
                .check(SDK);
    }

    @Test
    void nobodyButWhatBuildsOnItKnowsTheRuntime() {
        noClasses()
                .that(DescribedPredicate.not(room("runtime")))
                .and()
                .doNotBelongToAnyOf(
                        HoldfastClient.class,
                        HoldfastClientBuilder.class,
                        ClientSettings.class,
                        ClientWiring.class,
                        DeliveryOwner.class,
                        EventListeners.class,
                        ListenerAdapter.class,
                        SessionStartMessages.class,
                        Testing.class,
                        HoldfastWebSockets.class,
                        ConnectRateLimit.class)
                .should()
                .dependOnClassesThat(room("runtime"))
                .check(SDK);
    }

    /**
     * No public type that the internals use leads back to them, by whatever way. It may use the rooms at the bottom, which
     * know nothing else of the SDK.
     */
    @Test
    void whatTheInternalsUseDoesNotLeadBackToThem() {
        Set<String> bottom = bottomRooms();
        Set<String> waysBack = new TreeSet<>();
        for (JavaClass internal : SDK) {
            if (!isInternal(internal)) continue;
            for (Dependency use : internal.getDirectDependenciesFromSelf()) {
                if (!isInternal(use.getTargetClass())) {
                    follow(use.getTargetClass(), internal.getSimpleName(), bottom, new HashSet<>(), waysBack);
                }
            }
        }
        assertEquals(Set.of(), waysBack);
    }

    private static void follow(
            JavaClass used, String way, Set<String> bottom, Set<JavaClass> seen, Set<String> waysBack) {
        JavaClass type = used.getBaseComponentType();
        if (!isOfSdk(type) || bottom.contains(type.getPackageName()) || !seen.add(type)) return;
        String longer = way + " -> " + type.getName();
        if (isInternal(type)) {
            waysBack.add(longer);
            return;
        }
        for (Dependency next : type.getDirectDependenciesFromSelf()) {
            follow(next.getTargetClass(), longer, bottom, seen, waysBack);
        }
    }

    /** The internal packages that know nothing of the SDK but annotations. */
    private static Set<String> bottomRooms() {
        Set<String> rooms = new TreeSet<>();
        Set<String> higher = new TreeSet<>();
        for (JavaClass type : SDK) {
            if (!isInternal(type)) continue;
            String room = type.getPackageName();
            rooms.add(room);
            for (Dependency next : type.getDirectDependenciesFromSelf()) {
                JavaClass used = next.getTargetClass().getBaseComponentType();
                if (isOfSdk(used)
                        && !used.isAnnotation()
                        && !used.getPackageName().equals(room)) higher.add(room);
            }
        }
        rooms.removeAll(higher);
        return rooms;
    }

    private static boolean isOfSdk(JavaClass type) {
        return type.getPackageName().startsWith("dev.holdfast");
    }

    private static boolean isInternal(JavaClass type) {
        return type.getPackageName().startsWith("dev.holdfast.internal");
    }

    @Test
    void theRoomsHaveNoCircles() {
        slices().matching("dev.holdfast.internal.(*)..")
                .should()
                .beFreeOfCycles()
                .check(SDK);
    }

    @Test
    void nothingStaticChanges() {
        fields().that().areStatic().should().beFinal().check(SDK);
    }

    @Test
    void clocksAndRandomsComeFromOutside() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.holdfast.internal.runtime.ProcessResources")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callConstructor(java.util.Random.class)
                .orShould()
                .callConstructor(java.security.SecureRandom.class)
                .check(SDK);
    }

    private static void only(String room, DescribedPredicate<JavaClass> allowed) {
        classes()
                .that(room(room))
                .should()
                .onlyDependOnClassesThat(room(room).or(allowed))
                .check(SDK);
    }

    private static DescribedPredicate<JavaClass> room(String name) {
        return resideInAPackage("dev.holdfast.internal." + name);
    }
}
