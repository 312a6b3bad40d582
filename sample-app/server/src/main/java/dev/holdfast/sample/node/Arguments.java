package dev.holdfast.sample.node;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How commands take their arguments. */
public final class Arguments {
    private Arguments() {}

    /** Returns the command line of a command, with short explanations of wrong arguments. */
    public static CommandLine of(Object command) {
        CommandLine line = new CommandLine(command);
        line.setParameterExceptionHandler(Arguments::explain);
        line.setExpandAtFiles(false);
        return line;
    }

    /** Explains what is wrong in a line or two: the help of a command fills a screen. */
    private static int explain(ParameterException e, String... args) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println(e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }
}
