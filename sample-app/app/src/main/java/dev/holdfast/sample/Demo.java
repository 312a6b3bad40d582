package dev.holdfast.sample;

import dev.holdfast.sample.connect.ConnectCommand;
import dev.holdfast.sample.node.Arguments;
import dev.holdfast.sample.node.ServeCommand;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command {@code holdfast}. Its commands are a {@linkplain ConnectCommand client for any server}, the
 * {@linkplain ServeCommand reference server}, and a {@linkplain DemoCommand demonstration} that shows connections break
 * without losing a message. docs/terminal.md has the options and exit codes.
 */
@Command(
        name = "holdfast",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "WebSocket connections that break without losing a message.",
        subcommands = {
            ConnectCommand.class,
            ServeCommand.class,
            DemoCommand.class,
            HelpCommand.class,
            GenerateCompletion.class
        })
public final class Demo implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Demo() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        // The protocol's text is UTF-8, whatever the locale is: its charset may have no letter for what must be
        // printed.
        System.setOut(utf8(FileDescriptor.out));
        System.setErr(utf8(FileDescriptor.err));
        System.exit(Arguments.of(new Demo()).execute(args));
    }

    private static PrintStream utf8(FileDescriptor file) {
        return new PrintStream(new BufferedOutputStream(new FileOutputStream(file)), true, StandardCharsets.UTF_8);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing: connect, server or demo.");
    }
}
