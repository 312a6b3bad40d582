package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs the tests of what uses Jackson again, each with an older Jackson in place of the one that the SDK is built with. */
@Tag("slow")
class JacksonVersionsTest {
    private static final List<String> TESTS = List.of(
            "dev.holdfast.PayloadCodecTest",
            "dev.holdfast.MessageTypesTest",
            "dev.holdfast.SessionSnapshotTest",
            "dev.holdfast.internal.resume.ResumeProtocolTest",
            "dev.holdfast.internal.resume.MessageReaderTest",
            "dev.holdfast.internal.resume.LastIdProtocolTest",
            "dev.holdfast.internal.resume.UnlimitedJsonTest");

    /** What differs with an older Jackson, and why. */
    private static final Map<String, Set<String>> DIFFERENCES = Map.of(
            "2.12",
            Set.of(
                    // A naming strategy does not apply to a record's constructor before 2.15.
                    "theApplicationsMapperDecides()",
                    // There is no limit on nesting before 2.15.
                    "nestingHasABoundAndWhatIsBeyondItIsDelivered()"),
            "2.15",
            Set.of());

    /** Loads the SDK, its tests and Jackson anew, and all other classes from its parent. */
    private static final class Loader extends URLClassLoader {
        Loader(List<URL> urls) {
            super(urls.toArray(new URL[0]), JacksonVersionsTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.holdfast.") && !name.startsWith("com.fasterxml.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.12", "2.15"})
    void worksWith(String version) throws Exception {
        List<URL> urls = jackson(version);
        urls.add(location(HoldfastClient.class));
        urls.add(location(JacksonVersionsTest.class));
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (Loader loader = new Loader(urls)) {
            thread.setContextClassLoader(loader);
            Object found = loader.loadClass("com.fasterxml.jackson.databind.cfg.PackageVersion")
                    .getField("VERSION")
                    .get(null);
            assertTrue(found.toString().startsWith(version + "."), found.toString());
            run(loader, DIFFERENCES.get(version));
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static void run(Loader loader, Set<String> differences) throws ClassNotFoundException {
        List<DiscoverySelector> tests = new ArrayList<>();
        for (String test : TESTS) tests.add(selectClass(loader.loadClass(test)));
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        Launcher launcher = LauncherFactory.create();
        launcher.execute(
                LauncherDiscoveryRequestBuilder.request().selectors(tests).build(), summary);
        Set<String> failed = new TreeSet<>();
        for (TestExecutionSummary.Failure failure : summary.getSummary().getFailures()) {
            String name = failure.getTestIdentifier().getDisplayName();
            failed.add(name);
            String cause = String.valueOf(failure.getException());
            if (!differences.contains(name))
                System.out.println(name + ": " + cause.substring(0, Math.min(500, cause.length())));
        }
        assertEquals(new TreeSet<>(differences), failed);
        assertTrue(summary.getSummary().getTestsSucceededCount() > 100, "few tests ran");
    }

    /** Returns the jars of a version, which the build has put below {@code target}. */
    private static List<URL> jackson(String version) throws Exception {
        Path folder = Path.of("target", "jackson-" + version);
        assertTrue(
                Files.isDirectory(folder), folder + " is missing; mvn -pl sdk/core generate-test-resources copies it");
        List<URL> jars = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path jar : (Iterable<Path>) files::iterator)
                jars.add(jar.toUri().toURL());
        }
        return jars;
    }

    private static URL location(Class<?> type) throws MalformedURLException {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }
}
