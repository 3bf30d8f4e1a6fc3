package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import application.Exits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code System.exit} waits for shutdown hooks, and a close in a hook waits for the calls that are under way. If one of those
 * has called {@code System.exit}, neither may wait for the other, whoever runs it.
 */
@Timeout(120)
class ExitsTest {

    /** A close that waits for its own caller gives up after 30 seconds. */
    private static final long SOON_MILLIS = 5_000;

    private static final Pattern CLOSED = Pattern.compile("closed in (\\d+) ms");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private ChildJvm run(String name) throws IOException, InterruptedException {
        return ChildJvm.run(
                Exits.class,
                PlatformTest::realEngines,
                folder,
                "-Dexits.case=" + name,
                "-Dcresset.cache=off",
                "-Dcresset.optimization=FROZEN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "preprocess",
                "postprocess",
                "preprocess-later",
                "postprocess-later",
                "callback",
                "callback-at-once",
                "callback-of-executor",
                "callback-of-many",
                "task-before-callbacks",
                "nested",
                "registry",
                "registry-callback-that-updates",
                "hook-joins-main-that-closes",
                "model-and-call"
            })
    void close_inAHook_whileSystemExitWaitsForIt_doesNotStall(String name) throws Exception {
        ChildJvm child = run(name);
        assertThat(child.exitCode()).as(child.output()).isEqualTo(7);
        Matcher closed = CLOSED.matcher(child.output());
        assertThat(closed.find()).as(child.output()).isTrue();
        do {
            assertThat(Long.parseLong(closed.group(1))).as(child.output()).isLessThan(SOON_MILLIS);
        } while (closed.find());
    }

    /** Who waits in an executor behind the one that ends the JVM is answered on another thread. */
    @Test
    void close_inAHook_behindAnExecutorThatExits_completesWhatItWasGiven() throws Exception {
        assertThat(run("task-before-callbacks").output()).contains("answered");
    }

    /** One that is called by nobody inside is waited for as ever. */
    @Test
    void close_inAHook_ofAnExitFromOutside_waitsForWhatIsUnderWay() throws Exception {
        ChildJvm child = run("main-under-slow-handler");
        assertThat(child.output()).contains("answered");
        assertThat(child.exitCode()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"handler-closes", "callback-in-callback-closes"})
    @Timeout(20)
    void close_fromTheInside_doesNotWaitForItself(String name) throws Exception {
        ChildJvm child = run(name);
        assertThat(child.output()).contains("answered");
        assertThat(child.exitCode()).isEqualTo(7);
    }
}
