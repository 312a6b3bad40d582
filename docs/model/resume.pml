/*
 * A model of the resume.v1.json subprotocol (docs/protocol.md) for the Spin model checker.
 *
 * docs/model/README.md says what is modelled and what is checked; docs/model/check runs everything.
 *
 * The processes repeat guarded steps: each step is one action of the client, the server, their applications or the
 * environment, and Spin tries every order of them. The steps follow the sections of the protocol page.
 * Every behaviour ends, because each fault and each connection comes out of a finite budget. So "progress" means:
 * in each state without a next step everything is settled (the step at the end of the file).
 */

/* ---- sizes: messages of the client, connections. A session has the number of the connection that began it. ---- */
#ifndef MSGS
#define MSGS 3
#endif
#ifndef CONNS
#define CONNS 4
#endif
#ifndef QUEUE
#define QUEUE 3
#endif

/* ---- a scenario: budgets of the environment, read once from the environment variables of the same names ---- */
hidden byte FAULTS;        /* all faults together */
hidden byte ENTRIES;       /* messages of the server's application */
hidden byte CLIENT_WINDOW; /* maxUnacked */
hidden byte SERVER_WINDOW;
hidden byte BATCH;         /* 1: two messages may share one text message */
hidden byte ACK_AFTER_RESUME; /* 1: the client acknowledges right after a welcome what it has handled, as Holdfast does */
hidden byte PLANTED;       /* the planted fault, 0 for none */

/* ---- planted faults: each breaks one rule of the page ---- */
#define NO_FENCE            1  /* 3.5.1: an older connection's messages are still handled */
#define C_BEFORE_FENCE      2  /* 3.5.1: c is read while a message is being handled, which is then counted */
#define LAST_ACKNOWLEDGES   3  /* 3.6: the server drops entries because of open.last */
#define KEY_AT_ONCE         4  /* 3.7: the used key becomes invalid with the welcome */
#define ACKED_BEFORE_LIVE   5  /* 3.9: the client takes c of a resumed session for an acknowledgement before live */
#define ROLLBACK_ACCEPTED   6  /* 3.10: the client goes on after c below what was acknowledged */
#define C_COVERS_REJECTION  7  /* 3.11: c of a lost session covers a rejection that the client may not have */
#define UNKNOWN_SENT_AGAIN  8  /* 3.11: the client sends messages of unknown outcome again in the next session */
#define WELCOME_UNSTORED    9  /* 3.4: the session is stored after its welcome */
#define PARTIAL_REPLAY     10  /* 3.3: a server whose log does not reach back replays what it has */
#define EPOCH_IGNORED      11  /* 1: a server that lost its log takes ids of the old epoch for its own */
#define ACK_OVERTAKES      12  /* 4: an acknowledgement of the server overtakes the rejection that it covers */
#define EARLY_REJECTION    13  /* 4: a message is rejected before the one ahead of it is dealt with */
#define WINDOW_OF_SESSION  14  /* 4: the server's window counts entries of older connections */
#define TRIMMED_SILENTLY   15  /* 4: the server drops an unsent entry and goes on without it */
#define EFFECT_APART       16  /* 4: the seq is stored in a later step than the effect of its message */
#define SERVER_ACKS_UNREAD 17  /* 1, 4: the server acknowledges what has arrived and is not handled */
#define CLIENT_ACKS_UNREAD 18  /* 1, 4: the client acknowledges what has arrived and is not handled */
#define BATCH_AS_ONE       19  /* 7: the seqs of a batch are stored only at the end of the batch */
#define NEW_FIRST          20  /* 3.8: new messages go out before those that go out again, which get a new seq */
#define LATE_OPEN_TAKES_OVER 21 /* 3.14: an open that arrives late takes the session from a newer connection */
#define NO_ACK_RESTORED    22  /* the server counts entries of older connections, and the client does not acknowledge what its earlier process had handled */

#define planted(f) (PLANTED == f)

/* ---- constants ---- */
/* connection at the client */
#define DOWN 0
#define OPENING 1
#define REPLAYING 2
#define LIVE 3
/* connection at the server */
#define NOT_OPEN 1
#define ATTACHED 2
#define CLOSED 3
/* session at the server; its reason if it does not continue */
#define NONE 0
#define ALIVE 1
#define NEW 2
#define UNKNOWN_SID 3
#define EXPIRED 4
#define TRIMMED 5
#define EPOCH 6
/* a message at the client */
#define QUEUED 0
#define IN_FLIGHT 1  /* sent on this connection */
#define DUE 2        /* sent on an earlier connection; goes out again */
#define COVERED 3    /* dealt with, says the welcome; its rejection may come until live */
#define ENDED 4
/* its outcome */
#define NO_OUTCOME 0
#define ACKNOWLEDGED 1
#define REJECTED 2
#define UNKNOWN 3
#define FORGOTTEN 4  /* its process died without a snapshot, and its reports with it */
/* envelopes */
#define OPEN 1
#define MSG 2
#define ACK 3
#define WELCOME 4
#define REJECT 5
#define IS_LIVE 6
/* how the server ends a connection */
#define GOING_AWAY 1
#define TAKEN_OVER 2

/* An id of an entry: 8 * epoch + number. The client compares ids for equality only. */
#define epochOf(id) ((id) / 8)

/* ---- the network: one queue in each direction. What the server sent on an older connection never arrives. ---- */
chan toServer[CONNS] = [QUEUE] of { byte, byte, byte, byte };
chan toClient = [QUEUE] of { byte, byte, byte, byte, byte };
byte closeCode;            /* the server's end of the current connection, after what is in toClient */

/* ---- the client ---- */
byte conn;                 /* its current or last connection */
byte phase;
byte sid, key;             /* a key has the number of the connection that brought it */
byte received, handled;    /* ids */
bool ackDue;
bool anythingHandled;
byte nextSeq = 1;
byte acknowledgedSeq;
byte msgState[MSGS], msgSeq[MSGS], outcome[MSGS];
byte givenUp;              /* the message that the application gave up, plus 1 */
bool restored, fromSnapshot, stopped;
/* a snapshot */
bool taken;
bool sAnythingHandled;
byte sSid, sKey, sHandled, sNextSeq, sSeq[MSGS];
#define S_ENDED 0
#define S_QUEUED 15

/* ---- the server ---- */
byte link[CONNS], sessionOf[CONNS];
bool half[CONNS];          /* the first message of the batch at the head is handled */
byte session[CONNS];       /* by session number - 1 */
byte dealtWith[CONNS];     /* the highest seq; of an ended session what c may say */
byte lastEntry[CONNS], trimmedTo[CONNS];
byte key1[CONNS], key2[CONNS];
byte fence[CONNS];         /* the attached connection */
byte holder[CONNS];        /* the newest connection that was ever attached */
bit epoch[CONNS];
byte rejSession, rejEntry, rejSeq; /* the rejection in the log: one at most */
bool rejAcked;
/* what it sends on the current connection */
byte sent, replayEnd, ackedSince;
bool live, serverAckDue;
/* planted faults only */
byte busySession, busySeq, busyMsg; /* a message whose effect or result is not stored yet */
byte unstored, arrived;

/* ---- budgets ---- */
byte faults, cuts, restarts, wipes, logLosses, rollbacks, crashes, snapshots, expiries, trims, giveUps, rejections;
byte entriesLeft;

/* ---- ghosts: what really happened, for the properties ---- */
byte truth[MSGS];          /* 0, ACKNOWLEDGED for handled, REJECTED */
byte lastMsg[CONNS];       /* the last message dealt with in a session, plus 1 */
byte position;             /* the application's own position, stored with its effects */
byte keyUsed;              /* the newest key that the client has proved to have */
byte maxAck;               /* the highest position that the client has acknowledged in its session */
bool wiped, lostLog, trimmedByLimit, toldInDoubt;
byte undone;               /* a message whose handling the server lost, plus 1 */

hidden byte i, n, q, s, c, x, m, m2, why, a1, a2, a3, a4;

#define isUp (phase == REPLAYING || phase == LIVE)
#define canSend (isUp && nfull(toServer[conn - 1]))
#define reachable (phase != DOWN && closeCode == 0)  /* the server's bytes on conn reach the client */
#if CONNS == 3
#define newest (session[2] == ALIVE -> 3 : (session[1] == ALIVE -> 2 : (session[0] == ALIVE -> 1 : 0)))
#elif CONNS == 4
#define newest (session[3] == ALIVE -> 4 : (session[2] == ALIVE -> 3 : (session[1] == ALIVE -> 2 : (session[0] == ALIVE -> 1 : 0))))
#else
#define newest (session[4] == ALIVE -> 5 : (session[3] == ALIVE -> 4 : (session[2] == ALIVE -> 3 : (session[1] == ALIVE -> 2 : (session[0] == ALIVE -> 1 : 0)))))
#endif
#define cs (sessionOf[conn - 1] - 1)                 /* index of the session on conn */
#define serves (conn > 0 && link[conn - 1] == ATTACHED && session[cs] == ALIVE && fence[cs] == conn && reachable)

/* ---- the properties; docs/model/README.md explains them. The name is printed in the trace of a counterexample. ---- */
#define check(name, condition) if :: (condition) -> skip :: else -> printf(name); assert(false) fi
#define once(z) check("=== violated: once\n", z)
#define inOrder(z) check("=== violated: inOrder\n", z)
#define entriesInOrder(z) check("=== violated: entriesInOrder\n", z)
#define trueOutcome(z) check("=== violated: trueOutcome\n", z)
#define ackAfterHandling(z) check("=== violated: ackAfterHandling\n", z)
#define noNeedlessLoss(z) check("=== violated: noNeedlessLoss\n", z)
#define noProtocolError(z) check("=== violated: noProtocolError\n", z)
#define settles(z) check("=== violated: settles\n", z)

/* once, in order: a message of the client is dealt with once, and after all earlier ones of its session */
inline takeEffect(index, ses, result) {
    once(truth[index] == 0);
    inOrder(index + 1 > lastMsg[ses]);
    truth[index] = result;
    lastMsg[ses] = index + 1;
}
/* true outcomes: what the client reports is what happened */
inline report(index, result) {
    if
    :: outcome[index] == NO_OUTCOME ->
        trueOutcome(result != ACKNOWLEDGED || truth[index] == ACKNOWLEDGED || undone == index + 1);
        trueOutcome(result != REJECTED || truth[index] == REJECTED);
        outcome[index] = result;
        if
        :: result == ACKNOWLEDGED -> printf("client  reports message %d as acknowledged\n", index + 1)
        :: result == REJECTED -> printf("client  reports message %d as rejected\n", index + 1)
        :: result == UNKNOWN -> printf("client  reports message %d as unknown\n", index + 1)
        :: else
        fi
    :: else
    fi
}
inline leave(index) {
    msgState[index] = ENDED;
    msgSeq[index] = 0;
    if
    :: givenUp == index + 1 -> givenUp = 0
    :: else
    fi
}

inline dropToServer(index) {
    do
    :: nempty(toServer[index]) -> toServer[index]?_,_,_,_
    :: empty(toServer[index]) -> break
    od;
    half[index] = false
}
inline dropToClient() {
    do
    :: nempty(toClient) -> toClient?_,_,_,_,_
    :: empty(toClient) -> break
    od
}

/* The client has lost its connection. What it sent may still arrive. */
inline clientDown() {
    dropToClient();
    phase = DOWN;
    closeCode = 0;
    ackDue = false;
    sent = 0; replayEnd = 0; ackedSince = 0; live = false; serverAckDue = false;
    n = 0;
    do
    :: n < MSGS ->
        if
        :: msgState[n] == IN_FLIGHT || msgState[n] == COVERED -> msgState[n] = DUE
        :: else
        fi;
        n++
    :: else -> break
    od;
    skip
}

inline idle() {
    busySession = 0; busySeq = 0; busyMsg = 0
}

/* The server ends a connection: nothing more that came over it is handled. */
inline serverCloses(index, code) {
    dropToServer(index);
    link[index] = CLOSED;
    sessionOf[index] = 0;
    if
    :: index + 1 == conn && phase != DOWN && closeCode == 0 -> closeCode = code
    :: else
    fi
}

/* The server ends a session for a reason. It keeps what c may say: nothing at or above a rejection the client may not know. */
inline endSession(ses, reason) {
    session[ses] = reason;
    if
    :: rejSession == ses + 1 && !rejAcked && rejSeq <= dealtWith[ses] && !planted(C_COVERS_REJECTION) -> dealtWith[ses] = rejSeq - 1
    :: else
    fi;
    lastEntry[ses] = 0; trimmedTo[ses] = 0; epoch[ses] = 0; lastMsg[ses] = 0;
    if
    :: rejSession == ses + 1 -> rejSession = 0; rejEntry = 0; rejSeq = 0; rejAcked = false
    :: else
    fi;
    if
    :: busySession == ses + 1 -> idle()
    :: else
    fi;
    if
    :: fence[ses] != 0 -> n = fence[ses] - 1; fence[ses] = 0; serverCloses(n, TAKEN_OVER)
    :: else
    fi
}

/* The server process ends: every connection is lost, and what is not stored. */
inline serverDown() {
    i = 0;
    do
    :: i < CONNS ->
        if
        :: link[i] != 0 -> serverCloses(i, GOING_AWAY)
        :: else
        fi;
        fence[i] = 0;
        i++
    :: else -> break
    od;
    idle();
    if
    :: unstored != 0 -> session[unstored - 1] = NONE; unstored = 0
    :: else
    fi
}

/* Section 3: the server answers the open of connection i + 1. a1 sid, a2 key, a3 last. */
inline answerInTime() {
    why = NEW; c = 0; s = 0;
    if
    :: a1 == 0
    :: else ->
        s = a1 - 1;
        if
        :: session[s] == NONE || (key1[s] != a2 && key2[s] != a2) ->
            /* no needless loss: the server is the one that lost it, or the key is older than one that the client has used */
            noNeedlessLoss(wiped || a2 < keyUsed);
            why = UNKNOWN_SID
        :: else ->
            if
            :: session[s] == ALIVE && epochOf(a3) != epoch[s] && !planted(EPOCH_IGNORED) ->
                noNeedlessLoss(lostLog);
                endSession(s, EPOCH)
            :: session[s] == ALIVE && epochOf(a3) == epoch[s] && a3 % 8 < trimmedTo[s] && !planted(PARTIAL_REPLAY) ->
                noNeedlessLoss(trimmedByLimit || a3 < maxAck);
                endSession(s, TRIMMED)
            :: session[s] == ALIVE && epochOf(a3) == epoch[s] && a3 % 8 > lastEntry[s] ->
                noNeedlessLoss(false);
                endSession(s, EPOCH)
            :: session[s] == ALIVE && planted(EPOCH_IGNORED) && a3 % 8 > lastEntry[s] ->
                endSession(s, EPOCH)
            :: else
            fi;
            if
            :: session[s] == ALIVE -> why = ALIVE
            :: else -> why = session[s]
            fi;
            c = dealtWith[s]
        fi
    fi;
    if
    :: why == ALIVE ->
        /* 3.5.1: fence every older connection of the session */
        if
        :: fence[s] != 0 && fence[s] != i + 1 && !planted(NO_FENCE) -> n = fence[s] - 1; serverCloses(n, TAKEN_OVER)
        :: else
        fi;
        if
        :: busySession == s + 1 && !planted(C_BEFORE_FENCE) && !planted(NO_FENCE) -> idle()
        :: else
        fi;
        fence[s] = i + 1;
        holder[s] = i + 1;
        key1[s] = (planted(KEY_AT_ONCE) -> i + 1 : a2);
        key2[s] = i + 1;
        if
        :: planted(LAST_ACKNOWLEDGES) && a3 % 8 > trimmedTo[s] -> trimmedTo[s] = a3 % 8
        :: else
        fi;
        sessionOf[i] = s + 1;
        printf("server  connection %d: welcome, session %d resumed, c %d\n", i + 1, s + 1, c)
    :: else ->
        /* 3.4: a new session, named after its connection */
        s = i;
        session[s] = ALIVE;
        unstored = (planted(WELCOME_UNSTORED) -> i + 1 : 0);
        fence[s] = i + 1;
        holder[s] = i + 1;
        key1[s] = i + 1;
        key2[s] = i + 1;
        sessionOf[i] = s + 1;
        a3 = 0;
        printf("server  connection %d: welcome, session %d is new, c %d, reason ", i + 1, s + 1, c);
        if
        :: why == NEW -> printf("new\n")
        :: why == UNKNOWN_SID -> printf("unknown\n")
        :: why == EXPIRED -> printf("expired\n")
        :: why == TRIMMED -> printf("trimmed\n")
        :: else -> printf("epoch\n")
        fi
    fi;
    link[i] = ATTACHED;
    if
    :: i + 1 == conn && phase == OPENING && closeCode == 0 ->
        toClient!WELCOME,s + 1,why,c,a3;
        sent = a3 % 8;
        replayEnd = (lastEntry[s] > sent -> lastEntry[s] : sent);
        ackedSince = (planted(WINDOW_OF_SESSION) || planted(NO_ACK_RESTORED) -> trimmedTo[s] : sent);
        live = false;
        serverAckDue = false
    :: else
    fi
}

inline answerOpen() {
    toServer[i]?_,a1,a2,a3;
    if
    :: a1 != 0 && holder[a1 - 1] > i + 1 && !planted(LATE_OPEN_TAKES_OVER) ->
        /* 3.14: an open that arrives late does not take the session from a newer connection */
        serverCloses(i, GOING_AWAY);
        printf("server  closes connection %d, whose open came late\n", i + 1)
    :: else -> answerInTime()
    fi
}

inline forgetSnapshot() {
    taken = false; sSid = 0; sKey = 0; sHandled = 0; sNextSeq = 0; sAnythingHandled = false;
    n = 0;
    do
    :: n < MSGS -> sSeq[n] = 0; n++
    :: else -> break
    od;
    skip
}

/* 3.11 and 3.10: the client begins again; messages above c (in x) have an unknown outcome. */
inline loseAtClient() {
    m = 0;
    do
    :: m < MSGS ->
        if
        :: msgState[m] == DUE && msgSeq[m] <= x -> report(m, ACKNOWLEDGED); leave(m)
        :: msgState[m] == DUE && msgSeq[m] > x ->
            if
            :: planted(UNKNOWN_SENT_AGAIN) && outcome[m] == NO_OUTCOME -> msgState[m] = QUEUED; msgSeq[m] = 0
            :: else -> report(m, UNKNOWN); leave(m)
            fi
        :: msgState[m] == QUEUED && restored -> report(m, UNKNOWN); leave(m)
        :: else
        fi;
        m++
    :: else -> break
    od;
    /* a lost write is reported with the session; for another reason than rolled-back the client cannot tell it apart */
    toldInDoubt = toldInDoubt || (sid != 0 && undone != 0);
    nextSeq = 1; acknowledgedSeq = 0; restored = false; fromSnapshot = false;
    forgetSnapshot();
    anythingHandled = false; ackDue = false; maxAck = 0; position = 0
}

/* The client reads a welcome: a1 sid, a2 why, a3 c, a4 last. */
inline readWelcome() {
    x = 0;
    if
    :: a2 == ALIVE && a3 < acknowledgedSeq && !planted(ROLLBACK_ACCEPTED) ->
        /* 3.10 */
        printf("client  session %d lost: rolled-back\n", sid);
        noNeedlessLoss(undone != 0);
        loseAtClient();
        sid = 0; key = 0; received = 0; handled = 0;
        clientDown()
    :: a2 == ALIVE && !(a3 < acknowledgedSeq && !planted(ROLLBACK_ACCEPTED)) ->
        noProtocolError(a1 == sid && a4 == received);
        noProtocolError(a3 < nextSeq || restored);
        if
        :: restored && a3 >= nextSeq ->
            m = 0;
            do
            :: m < MSGS ->
                if
                :: msgState[m] == QUEUED -> report(m, UNKNOWN); leave(m)
                :: else
                fi;
                m++
            :: else -> break
            od;
            nextSeq = a3 + 1;
            acknowledgedSeq = a3
        :: else
        fi;
        restored = false;
        key = conn;
        phase = REPLAYING;
        /* 3.8 */
        m = 0;
        do
        :: m < MSGS ->
            if
            :: msgState[m] == DUE && msgSeq[m] <= a3 ->
                msgState[m] = COVERED;
                if
                :: planted(ACKED_BEFORE_LIVE) -> report(m, ACKNOWLEDGED)
                :: else
                fi
            :: else
            fi;
            m++
        :: else -> break
        od;
        if
        :: givenUp != 0 && msgState[givenUp - 1] == DUE ->
            m = givenUp - 1;
            report(m, UNKNOWN);
            leave(m);
            nextSeq = a3 + 1;
            m = 0;
            do
            :: m < MSGS ->
                if
                :: msgState[m] == DUE -> msgSeq[m] = nextSeq; nextSeq++
                :: else
                fi;
                m++
            :: else -> break
            od
        :: else
        fi;
        if
        :: planted(NEW_FIRST) ->
            nextSeq = a3 + 1;
            m = 0;
            do
            :: m < MSGS ->
                if
                :: msgState[m] == DUE -> msgSeq[m] = 0
                :: else
                fi;
                m++
            :: else -> break
            od
        :: else
        fi;
        ackDue = anythingHandled && ACK_AFTER_RESUME && !(fromSnapshot && planted(NO_ACK_RESTORED))
    :: else ->
        if
        :: sid == 0 -> printf("client  session %d begins\n", a1)
        :: else -> printf("client  session %d begins, session %d is lost\n", a1, sid)
        fi;
        /* 3.11: c counts only if open named the session and the server knew it. After its snapshot an earlier
           process may have received the rejection of a message. */
        x = (sid != 0 && !restored && a2 >= EXPIRED -> a3 : 0);
        loseAtClient();
        sid = a1; key = conn; keyUsed = conn;
        received = a4; handled = a4;
        phase = REPLAYING
    fi
}

/* The client reads a rejection: a1 id, a2 seq. */
inline readReject() {
    x = MSGS;
    m = 0;
    do
    :: m < MSGS ->
        if
        :: (msgState[m] == COVERED || msgState[m] == IN_FLIGHT) && msgSeq[m] == a2 && outcome[m] == NO_OUTCOME -> x = m
        :: else
        fi;
        m++
    :: else -> break
    od;
    /* 4: of another seq it is a protocol error */
    noProtocolError(x < MSGS || fromSnapshot);
    if
    :: x < MSGS ->
        report(x, REJECTED);
        if
        :: acknowledgedSeq < a2 -> acknowledgedSeq = a2
        :: else
        fi
    :: else
    fi
}

/* once, in order, nothing skipped: each connection continues exactly behind what the client has */
inline readEntry(id) {
    entriesInOrder(id == received + 1);
    received = id
}

inline countOutstanding() {
    q = 0;
    m = 0;
    do
    :: m < MSGS ->
        if
        :: msgState[m] == IN_FLIGHT || msgState[m] == COVERED -> q++
        :: else
        fi;
        m++
    :: else -> break
    od
}

inline findFirst(from) {
    m = MSGS;
    n = MSGS;
    do
    :: n > 0 ->
        n--;
        if
        :: msgState[n] == a4 && n >= from -> m = n
        :: else
        fi
    :: else -> break
    od
}

/* The next message to send: those that are due first, then the queue. MSGS for none. */
inline findNext(from) {
    a4 = (planted(NEW_FIRST) -> QUEUED : DUE);
    findFirst(from);
    if
    :: m == MSGS -> a4 = DUE + QUEUED - a4; findFirst(from)
    :: else
    fi
}

inline handOver(index) {
    if
    :: msgSeq[index] == 0 -> msgSeq[index] = nextSeq; nextSeq++
    :: else
    fi;
    msgState[index] = IN_FLIGHT;
    keyUsed = (key > keyUsed -> key : keyUsed)
}

#define inFlight(k) (msgState[k] == IN_FLIGHT || msgState[k] == COVERED)
#if MSGS == 3
#define outstanding (inFlight(0) + inFlight(1) + inFlight(2))
#define someTo(z) (msgState[0] == z || msgState[1] == z || msgState[2] == z)
#else
#define outstanding (inFlight(0) + inFlight(1))
#define someTo(z) (msgState[0] == z || msgState[1] == z)
#endif
#define toSend (someTo(QUEUED) || someTo(DUE))

inline store(ses, seq, index, result) {
    dealtWith[ses] = seq;
    if
    :: result == REJECTED && rejSeq != seq -> /* in one step with the seq */
        lastEntry[ses]++;
        rejSession = ses + 1; rejEntry = lastEntry[ses]; rejSeq = seq;
        printf("server  rejects message %d, seq %d: entry %d\n", index + 1, seq, rejEntry)
    :: else ->
        printf("server  has handled message %d, seq %d\n", index + 1, seq)
    fi
}

inline remember(index) {
    serverAckDue = serverAckDue || (index + 1 == conn && reachable)
}

/* The message at the head of connection i + 1: x seq, m message. The newest key is confirmed. */
inline look() {
    toServer[i]?<_,a1,a2,a3>;
    s = sessionOf[i] - 1;
    key1[s] = key2[s];
    x = a1 + half[i];
    m = (half[i] -> a3 : a2) - 1
}
inline takeHead() {
    if
    :: a3 != 0 && !half[i] -> half[i] = true
    :: else -> half[i] = false; toServer[i]?_,_,_,_
    fi
}

/*
 * The server deals with the message at the head of connection i + 1. One step, because the result of a handler is
 * counted or discarded as a whole; planted faults take it apart (startHandling, finishHandling).
 */
inline dealWith(result) {
    look();
    if
    :: x <= dealtWith[s] ->
        /* 3.12: ignored, and acknowledged again. Between correct peers it does not happen. */
        noProtocolError(PLANTED != 0);
        printf("server  ignores seq %d of connection %d\n", x, i + 1)
    :: x == dealtWith[s] + 1 ->
        takeEffect(m, s, result);
        if
        :: planted(BATCH_AS_ONE) && a3 != 0 && !half[i] -> printf("server  has handled message %d, seq %d, not stored\n", m + 1, x)
        :: else -> store(s, x, m, result)
        fi
    :: x == dealtWith[s] + 2 && planted(BATCH_AS_ONE) && half[i] -> takeEffect(m, s, result); store(s, x, m, result)
    :: else ->
        /* 3.12: a seq that skips one is a protocol error */
        noProtocolError(false)
    fi;
    remember(i);
    takeHead()
}

/* Planted faults only: a handler begins, and the message leaves the connection. */
inline startHandling() {
    look();
    if
    :: x <= dealtWith[s] -> printf("server  ignores seq %d of connection %d\n", x, i + 1); remember(i)
    :: else ->
        busySession = s + 1; busySeq = x; busyMsg = m;
        if
        :: planted(EFFECT_APART) -> takeEffect(m, s, ACKNOWLEDGED)
        :: else
        fi;
        printf("server  begins to handle message %d, seq %d, of connection %d\n", m + 1, x, i + 1)
    fi;
    takeHead()
}
inline finishHandling() {
    s = busySession - 1;
    if
    :: truth[busyMsg] == 0 -> takeEffect(busyMsg, s, ACKNOWLEDGED)
    :: else
    fi;
    store(s, busySeq, busyMsg, truth[busyMsg]);
    if
    :: conn > 0 && sessionOf[conn - 1] == s + 1 && link[conn - 1] == ATTACHED && reachable -> serverAckDue = true
    :: else
    fi;
    idle()
}
inline rejectEarly() {
    look();
    truth[m] = REJECTED;
    lastEntry[s]++;
    rejSession = s + 1; rejEntry = lastEntry[s]; rejSeq = x;
    printf("server  rejects message %d, seq %d, unread: entry %d\n", m + 1, x, rejEntry)
}
#define slowHandler (planted(C_BEFORE_FENCE) || planted(EARLY_REJECTION) || planted(EFFECT_APART))

#define fenced(k) (session[sessionOf[k] - 1] != ALIVE || (fence[sessionOf[k] - 1] != k + 1 && !planted(NO_FENCE)))
#define reads(k, z) (link[k] == ATTACHED && toServer[k]?[z,_,_,_] && !fenced(k))

#define fault(budget) (faults > 0 && budget > 0)
#define spend(budget) faults--; budget--

/* the settled state: the client is live, everything has arrived and has its outcome */
inline checkSettled() {
    settles(!stopped); /* the client has not stopped */
    settles(phase == LIVE && len(toClient) == 0); /* it has a working connection */
    settles(entriesLeft == 0 && received == handled && received % 8 == lastEntry[sid - 1]); /* no entry is lost untold */
    settles(!ACK_AFTER_RESUME || planted(NO_ACK_RESTORED) || trimmedTo[sid - 1] == lastEntry[sid - 1]); /* the server knows */
    m = 0;
    do
    :: m < MSGS ->
        settles(msgState[m] == ENDED && outcome[m] != NO_OUTCOME); /* no message is lost untold */
        trueOutcome(outcome[m] != ACKNOWLEDGED || truth[m] == ACKNOWLEDGED || toldInDoubt);
        trueOutcome(outcome[m] != REJECTED || truth[m] == REJECTED);
        m++
    :: else -> break
    od
}

/* The client writes; what a connection that the server has given up takes is lost. */
inline write(type, v1, v2, v3) {
    if
    :: link[conn - 1] != CLOSED -> toServer[conn - 1]!type,v1,v2,v3
    :: else
    fi
}

/* The scenario, from the environment variables. */
inline readScenario() {
    c_code {
        extern char *getenv(const char *); extern int atoi(const char *);
#define SET(to, name) { char *v = getenv(name); to = v ? (uchar) atoi(v) : 0; }
        SET(FAULTS, "FAULTS") SET(ENTRIES, "ENTRIES") SET(CLIENT_WINDOW, "CLIENT_WINDOW")
        SET(SERVER_WINDOW, "SERVER_WINDOW") SET(BATCH, "BATCH") SET(ACK_AFTER_RESUME, "ACK_AFTER_RESUME")
        SET(PLANTED, "PLANTED")
        SET(now.cuts, "CUTS") SET(now.restarts, "RESTARTS") SET(now.wipes, "WIPES") SET(now.logLosses, "LOG_LOSSES")
        SET(now.rollbacks, "ROLLBACKS") SET(now.crashes, "CRASHES") SET(now.snapshots, "SNAPSHOTS")
        SET(now.expiries, "EXPIRIES") SET(now.trims, "TRIMS") SET(now.giveUps, "GIVE_UPS")
        SET(now.rejections, "REJECTIONS")
    };
    faults = FAULTS;
    entriesLeft = ENTRIES
}

proctype Client() {
end:
    do
    :: d_step { phase == DOWN && !stopped && conn < CONNS ->
        conn++;
        phase = OPENING;
        link[conn - 1] = NOT_OPEN;
        keyUsed = (key > keyUsed -> key : keyUsed);
        toServer[conn - 1]!OPEN,sid,key,received;
        printf("client  connection %d: open sid %d, key %d, last %d\n", conn, sid, key, received)
      }
    :: d_step { phase != DOWN && nempty(toClient) ->
        toClient?x,a1,a2,a3,a4;
        if
        :: x == WELCOME -> readWelcome()
        :: x == MSG -> printf("client  receives entry %d\n", a1); readEntry(a1)
        :: x == REJECT -> printf("client  receives entry %d, the rejection of seq %d\n", a1, a2); readReject(); readEntry(a1)
        :: x == ACK ->
            printf("client  receives ack %d\n", a1);
            noProtocolError(a1 < nextSeq);
            acknowledgedSeq = (a1 > acknowledgedSeq -> a1 : acknowledgedSeq);
            m = 0;
            do
            :: m < MSGS ->
                if
                :: msgState[m] == IN_FLIGHT && msgSeq[m] <= a1 -> report(m, ACKNOWLEDGED); leave(m)
                :: else
                fi;
                m++
            :: else -> break
            od
        :: x == IS_LIVE ->
            printf("client  is live\n");
            phase = LIVE;
            m = 0;
            do
            :: m < MSGS ->
                if
                :: msgState[m] == COVERED ->
                    acknowledgedSeq = (msgSeq[m] > acknowledgedSeq -> msgSeq[m] : acknowledgedSeq);
                    report(m, ACKNOWLEDGED);
                    leave(m)
                :: else
                fi;
                m++
            :: else -> break
            od
        fi;
        skip
      }
    /* the server closed; its last bytes may be lost */
    :: d_step { phase != DOWN && closeCode == GOING_AWAY -> printf("client  connection %d closed by the server\n", conn); clientDown() }
    :: d_step { phase != DOWN && closeCode == TAKEN_OVER && empty(toClient) -> printf("client  connection %d closed with 4409\n", conn); stopped = true; clientDown() }
    /* the application handles the next entry, and stores its own position with the effect */
    :: d_step { handled != received ->
        handled++;
        if
        :: handled > position -> position = handled
        :: else
        fi;
        anythingHandled = true;
        ackDue = isUp;
        printf("client  handles entry %d\n", handled)
      }
    :: d_step { canSend && (ackDue || (planted(CLIENT_ACKS_UNREAD) && received > maxAck)) ->
        ackDue = false;
        a1 = (planted(CLIENT_ACKS_UNREAD) -> received : handled);
        ackAfterHandling(a1 <= position);
        write(ACK, a1, 0, 0);
        maxAck = (a1 > maxAck -> a1 : maxAck);
        keyUsed = (key > keyUsed -> key : keyUsed);
        printf("client  connection %d: ack %d\n", conn, a1)
      }
    :: d_step { canSend && toSend && outstanding < CLIENT_WINDOW ->
        findNext(0);
        handOver(m);
        write(MSG, msgSeq[m], m + 1, 0);
        printf("client  connection %d: msg c %d (message %d)\n", conn, msgSeq[m], m + 1)
      }
    :: d_step { BATCH && canSend && toSend && outstanding + 1 < CLIENT_WINDOW ->
        findNext(0);
        q = m;
        handOver(q);
        findNext(q + 1);
        if
        :: m < MSGS ->
            handOver(m);
            write(MSG, msgSeq[q], q + 1, m + 1);
            printf("client  connection %d: batch of c %d (message %d) and c %d (message %d)\n", conn, msgSeq[q], q + 1, msgSeq[m], m + 1)
        :: else ->
            write(MSG, msgSeq[q], q + 1, 0);
            printf("client  connection %d: msg c %d (message %d)\n", conn, msgSeq[q], q + 1)
        fi
      }
    /* the application gives a message up */
    :: d_step { giveUps > 0 && (someTo(IN_FLIGHT) || someTo(DUE)) && givenUp == 0 ->
        giveUps--;
        m = 0;
        do
        :: m < MSGS && (msgState[m] == IN_FLIGHT || msgState[m] == DUE) && outcome[m] == NO_OUTCOME -> break
        :: m < MSGS && !((msgState[m] == IN_FLIGHT || msgState[m] == DUE) && outcome[m] == NO_OUTCOME) -> m++
        :: m == MSGS -> break
        od;
        if
        :: m < MSGS -> givenUp = m + 1; printf("client  gives message %d up\n", m + 1)
        :: else
        fi
      }
    :: d_step { snapshots > 0 && crashes > 0 && sid != 0 ->
        snapshots--;
        taken = true;
        sSid = sid; sKey = key; sHandled = handled; sNextSeq = nextSeq; sAnythingHandled = anythingHandled;
        m = 0;
        do
        :: m < MSGS ->
            if
            :: outcome[m] != NO_OUTCOME -> sSeq[m] = S_ENDED
            :: outcome[m] == NO_OUTCOME && msgState[m] == QUEUED -> sSeq[m] = S_QUEUED
            :: else -> sSeq[m] = msgSeq[m]
            fi;
            m++
        :: else -> break
        od;
        printf("client  snapshot: position %d, next seq %d\n", handled, nextSeq)
      }
    /* the client's process dies; the next one has its snapshot, or nothing */
    :: d_step { fault(crashes) ->
        spend(crashes);
        stopped = false;
        if
        :: taken ->
            printf("client  dies, and continues from its snapshot\n");
            clientDown();
            sid = sSid; key = sKey; received = sHandled; handled = sHandled; nextSeq = sNextSeq;
            anythingHandled = sAnythingHandled;
            acknowledgedSeq = sNextSeq - 1;
            m = MSGS;
            do
            :: m > 0 ->
                m--;
                if
                :: sSeq[m] == S_ENDED -> msgState[m] = ENDED; msgSeq[m] = 0
                :: sSeq[m] == S_QUEUED -> msgState[m] = QUEUED; msgSeq[m] = 0; outcome[m] = NO_OUTCOME
                :: else ->
                    msgState[m] = DUE; msgSeq[m] = sSeq[m]; outcome[m] = NO_OUTCOME;
                    if
                    :: msgSeq[m] == acknowledgedSeq -> acknowledgedSeq--
                    :: else
                    fi
                fi
            :: else -> break
            od;
            givenUp = 0;
            restored = true; fromSnapshot = true;
            forgetSnapshot()
        :: else ->
            printf("client  dies, and begins again\n");
            clientDown();
            sid = 0; key = 0; received = 0; handled = 0; nextSeq = 1; acknowledgedSeq = 0;
            position = 0; maxAck = 0; anythingHandled = false; restored = false; fromSnapshot = false;
            m = 0;
            do
            :: m < MSGS ->
                if
                :: msgState[m] != QUEUED -> outcome[m] = FORGOTTEN; leave(m)
                :: else
                fi;
                m++
            :: else -> break
            od
        fi;
        skip
      }

    od
}

#define gone(k) (link[k] != 0 && link[k] != CLOSED && (k + 1 < conn || phase == DOWN))

/* Connection me + 1 at the server. */
proctype Connection(byte me) {
end:
    do
    :: d_step { link[me] == NOT_OPEN && nempty(toServer[me]) && nfull(toClient) ->
        i = me; answerOpen()
      }
    :: d_step { reads(me, MSG) && !slowHandler -> i = me; dealWith(ACKNOWLEDGED) }
    :: d_step { reads(me, MSG) && !slowHandler && rejections > 0 -> rejections--; i = me; dealWith(REJECTED) }
    :: d_step { reads(me, ACK) && busySession == 0 ->
        toServer[me]?_,a1,_,_;
        s = sessionOf[me] - 1;
        key1[s] = key2[s];
        if
        :: a1 % 8 > trimmedTo[s] -> trimmedTo[s] = a1 % 8
        :: else
        fi;
        if
        :: rejSession == s + 1 && rejEntry <= a1 % 8 -> rejAcked = true
        :: else
        fi;
        if
        :: me + 1 == conn && reachable && a1 % 8 > ackedSince -> ackedSince = a1 % 8
        :: else
        fi;
        printf("server  receives ack %d of connection %d\n", a1, me + 1)
      }
    /* the server notices that the connection is gone; what has not arrived is lost */
    :: d_step { gone(me) ->
        if
        :: sessionOf[me] != 0 && fence[sessionOf[me] - 1] == me + 1 -> fence[sessionOf[me] - 1] = 0
        :: else
        fi;
        serverCloses(me, GOING_AWAY);
        printf("server  notices the end of connection %d\n", me + 1)
      }
    /* planted faults only */
    :: d_step { slowHandler && reads(me, MSG) && busySession == 0 -> i = me; startHandling() }
    :: d_step { planted(EARLY_REJECTION) && rejections > 0 && busySession != 0 && reads(me, MSG) -> rejections--; i = me; rejectEarly() }
    od
}

/* The server's side of the current connection, and its application. */
proctype Server() {
end:
    do
    :: d_step { serves && nfull(toClient) && (sent < lastEntry[cs]) && (sent - ackedSince < SERVER_WINDOW) ->
        if
        :: sent < trimmedTo[cs] -> sent = trimmedTo[cs] /* planted faults only */
        :: else
        fi;
        sent = sent + (sent < lastEntry[cs]);
        if
        :: rejSession == cs + 1 && rejEntry == sent ->
            toClient!REJECT,8 * epoch[cs] + sent,rejSeq,0,0;
            printf("server  connection %d: reject, entry %d, c %d\n", conn, 8 * epoch[cs] + sent, rejSeq)
        :: else ->
            toClient!MSG,8 * epoch[cs] + sent,0,0,0;
            printf("server  connection %d: msg, entry %d\n", conn, 8 * epoch[cs] + sent)
        fi
      }
    :: d_step { serves && nfull(toClient) && !live && sent >= replayEnd ->
        live = true;
        toClient!IS_LIVE,0,0,0,0;
        printf("server  connection %d: live\n", conn)
      }
    :: d_step { serves && nfull(toClient) && serverAckDue &&
            (planted(ACK_OVERTAKES) || !(rejSession == cs + 1 && rejEntry > sent && rejSeq <= dealtWith[cs])) ->
        serverAckDue = false;
        toClient!ACK,dealtWith[cs],0,0,0;
        printf("server  connection %d: ack %d\n", conn, dealtWith[cs])
      }
    /* its application adds an entry to the newest session */
    :: d_step { entriesLeft > 0 && (newest) != 0 ->
        entriesLeft--;
        s = newest - 1;
        lastEntry[s]++;
        printf("server  adds entry %d to session %d\n", 8 * epoch[s] + lastEntry[s], s + 1)
      }
    /* planted faults only */
    :: d_step { planted(SERVER_ACKS_UNREAD) && serves && nfull(toClient) && toServer[conn - 1]?[MSG,_,_,_] && !serverAckDue &&
            dealtWith[cs] + 1 > arrived ->
        arrived = dealtWith[cs] + 1;
        toClient!ACK,arrived,0,0,0;
        printf("server  connection %d: ack %d, not handled\n", conn, arrived)
      }
    :: d_step { busySession != 0 -> finishHandling() }
    :: d_step { unstored != 0 -> unstored = 0 }
    od
}

/* Cuts, crashes and losses, each out of its budget. */
init {
    d_step {
        readScenario()
    };
    atomic {
        run Client();
        run Server();
        n = 0;
        do
        :: n < CONNS -> run Connection(n); n++
        :: else -> break
        od
    };
end:
    do
    /* the connection is lost: first for the client, or first for the server */
    :: d_step { fault(cuts) && phase != DOWN -> spend(cuts); printf("--- connection %d is lost\n", conn); clientDown() }
    :: d_step { fault(cuts) && phase != DOWN && closeCode == 0 && link[conn - 1] == ATTACHED ->
        spend(cuts);
        printf("--- the server loses connection %d\n", conn);
        if
        :: fence[cs] == conn -> fence[cs] = 0
        :: else
        fi;
        serverCloses(conn - 1, GOING_AWAY)
      }
    :: d_step { fault(restarts) && conn > 0 -> spend(restarts); printf("--- the server restarts with its log\n"); serverDown() }
    :: d_step { fault(wipes) && conn > 0 ->
        spend(wipes);
        printf("--- the server restarts without its sessions\n");
        serverDown();
        wiped = true;
        i = 0;
        do
        :: i < CONNS ->
            session[i] = NONE; dealtWith[i] = 0; lastEntry[i] = 0; trimmedTo[i] = 0; key1[i] = 0; key2[i] = 0; holder[i] = 0; epoch[i] = 0; lastMsg[i] = 0;
            i++
        :: else -> break
        od;
        rejSession = 0; rejEntry = 0; rejSeq = 0; rejAcked = false
      }
    :: d_step { fault(logLosses) && ((newest) != 0) ->
        spend(logLosses);
        printf("--- the server restarts without its log\n");
        serverDown();
        lostLog = true;
        i = 0;
        do
        :: i < CONNS ->
            if
            :: session[i] == ALIVE -> lastEntry[i] = 0; trimmedTo[i] = 0; epoch[i] = 1
            :: else
            fi;
            i++
        :: else -> break
        od;
        skip
      }
    /* a restart that loses the last write: a seq and the effect of its message */
    :: d_step { fault(rollbacks) && (newest) != 0 && dealtWith[newest - 1] > 0 && truth[lastMsg[newest - 1] - 1] == ACKNOWLEDGED ->
        spend(rollbacks);
        serverDown();
        s = newest - 1;
        undone = lastMsg[s];
        printf("--- the server restarts without its last write: message %d is not handled\n", undone);
        dealtWith[s]--;
        truth[undone - 1] = 0;
        lastMsg[s] = undone - 1
      }
    /* a session without a connection expires */
    :: d_step { fault(expiries) && (newest) != 0 && fence[newest - 1] == 0 ->
        spend(expiries);
        s = newest - 1;
        printf("--- session %d expires\n", s + 1);
        endSession(s, EXPIRED)
      }
    /* the log has a limit and drops its oldest entry */
    :: d_step { fault(trims) && (newest) != 0 && trimmedTo[newest - 1] < lastEntry[newest - 1] ->
        spend(trims);
        s = newest - 1;
        trimmedTo[s]++;
        trimmedByLimit = true;
        printf("--- the log of session %d drops entry %d\n", s + 1, trimmedTo[s]);
        if
        :: fence[s] == conn && conn > 0 && reachable && sent < trimmedTo[s] && !planted(TRIMMED_SILENTLY) ->
            fence[s] = 0; n = conn - 1; serverCloses(n, GOING_AWAY)
        :: else
        fi
      }
    :: timeout -> d_step { checkSettled(); skip }; break
    od
}
