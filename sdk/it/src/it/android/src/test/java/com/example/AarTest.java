package com.example;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.D8;
import com.android.tools.r8.D8Command;
import com.android.tools.r8.Diagnostic;
import com.android.tools.r8.DiagnosticsHandler;
import com.android.tools.r8.JdkClassFileProvider;
import com.android.tools.r8.OutputMode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

/** The parts of the AAR that an Android build uses. */
public final class AarTest {
    private final Path aar = Path.of(System.getProperty("aar"));

    @Test
    public void theManifestBringsThePermissions() throws Exception {
        String manifest = Files.readString(aar.resolve("AndroidManifest.xml"));
        assertTrue(manifest, manifest.contains("android.permission.INTERNET"));
        assertTrue(manifest, manifest.contains("android.permission.ACCESS_NETWORK_STATE"));
    }

    @Test
    public void d8HasNoWarnings() throws Exception {
        List<String> warnings = new ArrayList<>();
        D8Command.Builder command = D8Command.builder(new DiagnosticsHandler() {
            @Override
            public void warning(Diagnostic warning) {
                warnings.add(warning.getDiagnosticMessage());
            }
        });
        Path dex = Files.createDirectories(Path.of(System.getProperty("dex")));
        command.setMode(CompilationMode.RELEASE).setMinApiLevel(26).setOutput(dex, OutputMode.DexIndexed);
        command.addProgramFiles(aar.resolve("classes.jar"));
        command.addLibraryResourceProvider(JdkClassFileProvider.fromJdkHome(Path.of(System.getProperty("java.home"))));
        // In java.class.path, Surefire has a jar that only refers to these.
        for (String entry : System.getProperty("surefire.test.class.path").split(File.pathSeparator)) {
            String name = Path.of(entry).getFileName().toString();
            if (name.startsWith("android-all")) command.addLibraryFiles(Path.of(entry));
            else if (name.endsWith(".jar")) command.addClasspathFiles(Path.of(entry));
        }
        D8.run(command.build());
        assertEquals(List.of(), warnings);
        System.out.println("consumer> the AAR's classes as dex: " + Files.size(dex.resolve("classes.dex")) + " bytes");
    }
}
