package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.check;
import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.that;
import static dev.holdfast.conformance.Check.webSocket;
import static dev.holdfast.conformance.Target.need;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Section 8 and the rules on credentials in section 3. */
final class CredentialChecks {
    private static final Duration EXPIRY = Duration.ofSeconds(8);

    private CredentialChecks() {}

    static List<Check> checks() {
        return List.of(
                webSocket(
                        "3, rule 1",
                        "refused-upgrade",
                        "refuses the upgrade with 401 for a credential that is refused",
                        t -> {
                            String bearer = need(t.refusedBearer(), "--refused-bearer");
                            try {
                                Peer.connect(t, Map.of("Authorization", "Bearer " + bearer), false)
                                        .close();
                                throw new Failure("the upgrade succeeded");
                            } catch (RawWebSocket.Refused e) {
                                equal(401, e.status(), "the HTTP status");
                            }
                        }),
                check("3, rule 2", "refused-open", "closes with 4401 if the credential of open is refused", t -> {
                    String refused = need(t.refusedAuth(), "--refused-auth");
                    try (Peer peer = Peer.connect(t)) {
                        peer.text(Peer.openText(refused, ""));
                        peer.expectClose(4401);
                        that(!peer.has("welcome"), "welcome was sent");
                    }
                }),
                check("3, rule 2", "refused-resume", "authenticates every open, also one that resumes", t -> {
                    String refused = need(t.refusedAuth(), "--refused-auth");
                    try (Peer peer = Peer.start(t);
                            Peer thief = Peer.connect(t)) {
                        thief.text(Peer.openText(refused, Peer.session(peer.sid(), peer.key(), null)));
                        thief.expectClose(4401);
                        peer.message(1, "\"mine\"");
                        equal("mine", peer.entry().d().asText(), "the echo");
                    }
                }),
                check(
                        "3, rule 3; 8",
                        "another-user",
                        "does not touch a session for another user who has its key",
                        t -> {
                            String other = need(t.otherAuth(), "--other-auth");
                            try (Peer peer = Peer.start(t)) {
                                OpeningChecks.untouched(t, peer, Peer.session(peer.sid(), peer.key(), null), other);
                                peer.cutAndResume(null).close();
                            }
                        }),
                check("8", "expiry", "warns before a credential expires, and closes with 4401 when it has", t -> {
                    String brief = need(t.briefAuth(), "--brief-auth");
                    try (Peer peer = Peer.connect(t)) {
                        peer.openAs(brief, "");
                        peer.expectClose(EXPIRY, 4401);
                        Received warning = peer.received().stream()
                                .filter(m -> m.type().equals("auth"))
                                .findFirst()
                                .orElseThrow(() -> new Failure("no warning came before the close (a SHOULD)"));
                        that(!warning.json().path("ok").booleanValue(), "ok must be false: " + Peer.describe(warning));
                        equal("expiring", warning.json().path("code").asText(), "the code of the warning");
                    }
                }),
                check("8", "renewal", "takes a new credential in place of one that expires", t -> {
                    String brief = need(t.briefAuth(), "--brief-auth");
                    String auth = need(t.auth(), "--auth");
                    try (Peer peer = Peer.connect(t)) {
                        peer.openAs(brief, "");
                        peer.text("{\"t\":\"auth\",\"auth\":" + auth + "}");
                        peer.await(
                                "auth with ok",
                                m -> m.type().equals("auth")
                                        && m.json().path("ok").booleanValue());
                        peer.listen(EXPIRY.minusSeconds(3));
                        peer.message(1, "\"renewed\"");
                        equal("renewed", peer.entry().d().asText(), "the echo");
                    }
                }),
                check("8", "refused-renewal", "answers a refused credential with ok:false and keeps the old one", t -> {
                    String refused = need(t.refusedAuth(), "--refused-auth");
                    try (Peer peer = Peer.start(t)) {
                        keepsItsCredential(peer, refused);
                    }
                }),
                check("8", "renewal-of-another-user", "refuses a credential of another user", t -> {
                    String other = need(t.otherAuth(), "--other-auth");
                    try (Peer peer = Peer.start(t)) {
                        keepsItsCredential(peer, other);
                        peer.cutAndResume(null).close();
                    }
                }));
    }

    private static void keepsItsCredential(Peer peer, String auth) throws Exception {
        peer.text("{\"t\":\"auth\",\"auth\":" + auth + "}");
        Received answer = peer.await("auth");
        that(!answer.json().path("ok").booleanValue(), "the credential was accepted");
        that(answer.json().has("code"), "ok:false has a code: " + Peer.describe(answer));
        peer.message(1, "\"as before\"");
        equal("as before", peer.entry().d().asText(), "the echo");
    }
}
