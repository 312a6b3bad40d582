package dev.holdfast.sample.demo;

import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.server.SessionStore;
import java.util.List;

/**
 * The options of the scenarios.
 *
 * @param scenarios what to run, in order
 * @param messages how many messages each side sends in each scenario, except for the storm; a minimum with two nodes
 * @param seconds how long the storm lasts
 * @param kills how often the client's process is killed
 * @param seed the seed for the times of the faults
 * @param json whether the result is printed as JSON
 * @param log where the embedded server keeps its sessions, for {@link SessionStore#at}
 */
public record DemoOptions(
        List<Scenario> scenarios, int messages, int seconds, int kills, long seed, boolean json, String log) {
    /**
     * Returns the options that arguments mean.
     *
     * @throws IllegalArgumentException if they are wrong; its message is a sentence for the user
     */
    public static DemoOptions parse(String... args) {
        return DemoArguments.parse(args);
    }

    /** Runs one of the scenarios to its end. */
    public Tally run(Scenario scenario, Progress progress) throws InterruptedException {
        if (scenario == Scenario.TWO_NODES) {
            return TwoNodes.run(TwoNodes.Harm.KILLED, RedisServer::start, messages, progress);
        }
        if (scenario == Scenario.KILLED) return Killed.run(kills, messages, seed, progress);
        try (SessionStore store = SessionStore.at(log)) {
            ScenarioRun run = scenario == Scenario.STORM
                    ? ScenarioRun.ofSeconds(scenario, seconds, seed, progress, store)
                    : ScenarioRun.ofMessages(scenario, messages, seed, progress, store);
            return run.run();
        }
    }
}
