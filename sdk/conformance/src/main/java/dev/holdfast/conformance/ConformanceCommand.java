package dev.holdfast.conformance;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of the suite. Exits with 0 if no check failed, 1 if one did, and 2 for wrong arguments. */
@Command(
        name = "holdfast-conformance",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Checks whether a server keeps the rules of resume.v1.json, over WebSockets and over HTTP.")
public final class ConformanceCommand implements Callable<Integer> {
    private static final Map<String, Target.Http> HTTP =
            Map.of("auto", Target.Http.AUTO, "yes", Target.Http.YES, "no", Target.Http.NO);

    @Parameters(index = "0", arity = "0..1", paramLabel = "URL", description = "The server, ws:// or wss://.")
    private @Nullable URI url;

    @Option(names = "--list", description = "Lists the checks and does nothing else.")
    private boolean list;

    @Option(names = "--only", split = ",", paramLabel = "CHECK", description = "Runs these checks only.")
    private List<String> only = ConformanceSuite.names();

    @Option(names = "--auth", paramLabel = "JSON", description = "A user's credential, for open.auth.")
    private @Nullable String auth;

    @Option(names = "--other-auth", paramLabel = "JSON", description = "A credential of another user.")
    private @Nullable String otherAuth;

    @Option(
            names = "--brief-auth",
            paramLabel = "JSON",
            description = "A credential of the first user that expires 1 to 4 seconds after it was used.")
    private @Nullable String briefAuth;

    @Option(names = "--refused-auth", paramLabel = "JSON", description = "A credential that the server refuses.")
    private @Nullable String refusedAuth;

    @Option(
            names = "--refused-bearer",
            paramLabel = "TOKEN",
            description = "A bearer token that the server refuses at the upgrade.")
    private @Nullable String refusedBearer;

    @Option(
            names = "--http",
            paramLabel = "yes|no|auto",
            defaultValue = "auto",
            description = "Whether to check the HTTP carrier of section 15; auto: if the server answers the greeting."
                    + " Default: ${DEFAULT-VALUE}.")
    private String http = "auto";

    @Option(names = "--slow", description = "Runs the checks too that take more than a minute.")
    private boolean slow;

    @Option(
            names = "--max-ttl",
            paramLabel = "MS",
            defaultValue = "10000",
            description = "Skips the checks of expiry if the ttl is longer. Default: ${DEFAULT-VALUE}.")
    private int maxTtl;

    @Option(
            names = "--max-window",
            paramLabel = "N",
            defaultValue = "5000",
            description =
                    "More entries than the server's own window, and no more than its log. Default: ${DEFAULT-VALUE}.")
    private int maxWindow;

    @Option(names = "--log-limit", paramLabel = "N", description = "How many entries the server's log holds.")
    private int logLimit;

    @Option(
            names = "--patience",
            paramLabel = "MS",
            defaultValue = "5000",
            description = "How long to wait for what must come soon. Default: ${DEFAULT-VALUE}.")
    private int patience;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many checks run at the same time. Default: ${DEFAULT-VALUE}.")
    private int threads;

    /** Runs the command and ends the process. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new ConformanceCommand()).execute(args));
    }

    /** Creates the command. */
    public ConformanceCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        if (list) {
            ConformanceSuite.checks()
                    .forEach(check ->
                            System.out.println("§" + check.section() + "  " + check.id() + ": " + check.title()));
            return CommandLine.ExitCode.OK;
        }
        String scheme = url == null ? null : url.getScheme();
        if (url == null || url.getHost() == null || !("ws".equals(scheme) || "wss".equals(scheme))) {
            System.err.println("the URL must begin with ws:// or wss://, but was " + url);
            return CommandLine.ExitCode.USAGE;
        }
        for (String name : only) {
            if (!ConformanceSuite.names().contains(name)) {
                System.err.println("there is no check " + name + "; --list lists them");
                return CommandLine.ExitCode.USAGE;
            }
        }
        Target.Http carrier = HTTP.get(http);
        if (carrier == null) {
            System.err.println("--http must be yes, no or auto, but was " + http);
            return CommandLine.ExitCode.USAGE;
        }
        Target target = Target.of(url)
                .withCredentials(auth, otherAuth, briefAuth, refusedAuth, refusedBearer)
                .withLimits(Duration.ofMillis(maxTtl), maxWindow, logLimit)
                .withPace(Duration.ofMillis(patience), threads)
                .withHttp(carrier, slow);
        ConformanceSuite.Report report =
                ConformanceSuite.run(target, only, result -> System.out.println(result.line()));
        System.out.println(report.summary());
        return report.failures().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}
