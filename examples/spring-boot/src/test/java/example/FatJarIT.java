package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that is deployed: jars within a jar, from which the natives have to come. */
class FatJarIT {

    private static final Path FIXTURES = Path.of(System.getProperty("fixtures"));
    private static final int CALLERS = 64;

    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What callers got, all of them together. */
    private final AtomicLong answered = new AtomicLong();

    private final AtomicLong scored = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unread = new AtomicLong();
    private final AtomicLong unreachable = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean ending;
    private URI service = URI.create("http://localhost");

    @Test
    void service_answersFrom64Threads_changesAModel_andEndsUnderLoad(@TempDir Path folder) throws Exception {
        Path models = Files.createDirectory(folder.resolve("models"));
        Path archive = Files.copy(FIXTURES.resolve("digits/digits.mar"), models.resolve("digits.mar"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dcresset.cache=" + folder.resolve("cache"),
                        "-jar",
                        System.getProperty("jar"),
                        "--server.port=0",
                        "--cresset.registry.interval=50ms",
                        "--cresset.registry.path=" + models)
                .redirectErrorStream(true)
                .start();
        try {
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            service = URI.create("http://localhost:" + portOf(output));
            Thread reader = new Thread(() -> output.lines().forEach(said::add));
            reader.start();
            assertTrue(get("/actuator/health/readiness").contains("\"status\":\"UP\""));

            List<Thread> callers = callers();
            long start = System.nanoTime();
            long startCpu = cpuMillis(process);
            awaitAnswered(3_000);
            System.out.printf(
                    "%d callers over HTTP: %.0f answers a second, %.2f ms of the service's processors for each%n",
                    CALLERS,
                    answered.get() / ((System.nanoTime() - start) / 1e9),
                    (double) (cpuMillis(process) - startCpu) / answered.get());

            replace(archive);
            awaitRevision(2);
            awaitAnswered(answered.get() + 500);
            assertEquals(0, unreachable.get());
            assertTrue(get("/actuator/metrics/cresset.requests").contains("\"statistic\""));
            assertTrue(get("/actuator/info").contains("\"digits\":\"1.0\""));
            assertTrue(get("/actuator/cresset/risk").contains("\"forward\":\"["));

            ending = true;
            process.toHandle().destroy(); // SIGTERM, as Kubernetes sends it; Process.destroy would close its output
            for (Thread caller : callers) {
                caller.join(TimeUnit.SECONDS.toMillis(60));
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            reader.join();
        } finally {
            process.destroyForcibly();
        }
        System.out.printf(
                "answered %d, refused by type %d, not read at the end %d, found nobody after it %d%n",
                answered.get(), refused.get(), unread.get(), unreachable.get());
        assertEquals(List.of(), List.copyOf(wrong));
        assertEquals(143, process.exitValue()); // of SIGTERM, and of nothing worse
        String last = said.stream()
                .filter(line -> line.contains("answered "))
                .findFirst()
                .orElseThrow(this::saidSoFar);
        // What the model has answered has reached its caller, and it has left nothing unanswered.
        assertTrue(last.contains("answered " + scored.get() + ", failed 0, "), last + ", callers have " + scored.get());
        assertTrue(last.contains("waiting 0"), last);
    }

    private AssertionError saidSoFar() {
        return new AssertionError(String.join("\n", said));
    }

    private static long cpuMillis(Process process) {
        return process.info().totalCpuDuration().orElseThrow().toMillis();
    }

    private int portOf(BufferedReader output) throws IOException {
        Pattern port = Pattern.compile("Tomcat started on port (\\d+)");
        Integer found = null;
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            Matcher matcher = port.matcher(line);
            if (matcher.find()) {
                found = Integer.valueOf(matcher.group(1));
            }
            if (line.contains("Started ScoringApplication")) {
                System.out.println(line.substring(line.indexOf("Started")));
                return found;
            }
        }
        throw saidSoFar();
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(service.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(200, response.statusCode(), response.body());
        return response.body();
    }

    /** Half of them ask for scores, half for digits, until nobody is there any more. */
    private List<Thread> callers() throws IOException {
        String patient = Files.readAllLines(FIXTURES.resolve("risk/heldback.csv")).get(1);
        String row = "[" + patient.substring(0, patient.lastIndexOf(',')) + "]"; // but for what is to be found out
        byte[] six = Files.readAllBytes(FIXTURES.resolve("digits/images/0034-six.png"));
        HttpRequest score = HttpRequest.newBuilder(service.resolve("/risk"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(row))
                .build();
        HttpRequest digit = HttpRequest.newBuilder(service.resolve("/pictures/digits"))
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(six))
                .build();
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            boolean asksForScores = i % 2 == 0;
            Thread caller = new Thread(() -> askUntilTheEnd(
                    go, asksForScores ? score : digit, asksForScores ? "0.9999" : "\"six\": 0.9"));
            caller.start();
            callers.add(caller);
        }
        go.countDown();
        return callers;
    }

    private void askUntilTheEnd(CountDownLatch go, HttpRequest request, String expected) {
        try {
            go.await();
            while (true) {
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 200 && response.body().contains(expected)) {
                    answered.incrementAndGet();
                    if (request.uri().getPath().equals("/risk")) {
                        scored.incrementAndGet();
                    }
                } else if (response.statusCode() == 503 && response.body().contains("Exception")) {
                    refused.incrementAndGet();
                } else if (ending && response.body().startsWith("<!doctype html>")) {
                    unread.incrementAndGet(); // Tomcat's own page: it stopped before it had read the request
                    return;
                } else {
                    wrong.add(response.statusCode() + " " + response.body());
                    return;
                }
            }
        } catch (IOException e) {
            unreachable.incrementAndGet();
            if (!ending) {
                wrong.add(e.toString());
            }
        } catch (InterruptedException e) {
            wrong.add(e.toString());
        }
    }

    private void awaitAnswered(long count) {
        while (answered.get() < count) {
            assertEquals(List.of(), List.copyOf(wrong));
            Thread.yield();
        }
    }

    /** As docs/serving-many-models.md has it: beside the old one, then into its place at once. */
    private static void replace(Path archive) throws IOException {
        Path next = Files.copy(archive, archive.resolveSibling("digits.mar.part"));
        Files.setLastModifiedTime(
                next,
                FileTime.from(Files.getLastModifiedTime(archive).toInstant().plusSeconds(5)));
        Files.move(next, archive, StandardCopyOption.ATOMIC_MOVE);
    }

    private void awaitRevision(int revision) throws IOException, InterruptedException {
        while (!get("/actuator/cresset").contains("\"revision\":" + revision)) {
            assertEquals(List.of(), List.copyOf(wrong));
        }
    }
}
