package dev.holdfast.simulation;

import dev.holdfast.EndpointProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import okhttp3.Request;

/** Gives the client a URL for each attempt, with a ticket that is good once. It may fail, come late, or never answer. */
final class TicketOffice implements EndpointProvider {
    /** Questions that were asked within this time may come in any order: each comes on a thread of its own. */
    private static final long THREAD_DELAY = 10_000;

    private final World world;
    private final Mishaps mishaps;
    private final Set<Integer> used = new HashSet<>();

    /** The times of the questions, whose numbers are those of their tickets. */
    private final List<Long> asked = new ArrayList<>();

    double failure;

    TicketOffice(World world, Mishaps mishaps) {
        this.world = world;
        this.mishaps = mishaps;
    }

    @Override
    public CompletionStage<Request> endpoint(Reason reason) {
        asked.add(world.now());
        int ticket = asked.size();
        world.trace("asks for an endpoint, " + reason);
        mishaps.maybeThrowUncounted("endpoints");
        CompletableFuture<Request> answer = new CompletableFuture<>();
        long delay = world.below(World.seconds(1));
        if (world.chance(failure)) {
            switch ((int) world.below(3)) {
                case 0:
                    world.happened("endpoint failed");
                    world.scheduler.schedule(
                            () -> answer.completeExceptionally(new IOException("ticket service is down")), delay);
                    return answer;
                case 1:
                    world.happened("endpoint never came");
                    return answer;
                default:
                    world.happened("endpoint late");
                    delay = SimTransport.CONNECT_TIMEOUT + world.below(World.seconds(20));
            }
        }
        Request request = new Request.Builder()
                .url("ws://simulated.example/?ticket=" + ticket)
                .build();
        world.scheduler.schedule(() -> answer.complete(request), delay);
        return answer;
    }

    /** Checks that an attempt uses the answer to the newest question, and uses it first. */
    void checkUse(Request request) {
        String text = request.url().queryParameter("ticket");
        if (text == null) {
            world.fail(new Violation("attempt without a ticket"));
            return;
        }
        int ticket = Integer.parseInt(text);
        long newest = asked.get(asked.size() - 1);
        if (newest - asked.get(ticket - 1) > THREAD_DELAY) {
            world.fail(new Violation("attempt with ticket " + ticket + ", though " + asked.size() + " was asked for"));
        }
        if (!used.add(ticket)) world.fail(new Violation("ticket " + ticket + " is used twice"));
    }
}
