package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A real TorchServe on this machine alone, with one worker for each archive in a folder; who starts it closes it. */
final class TorchServeProcess implements AutoCloseable {
    private static final String LOADED = "WORKER_STARTED -> WORKER_MODEL_LOADED";

    private final Process process;
    private final List<String> console = new ArrayList<>();
    private final CountDownLatch notLoaded;
    private final int port;

    /**
     * Starts it and waits until all archives are served.
     *
     * @param bin the folder of the {@code torchserve} command
     * @param store holds the archives
     * @param models names and file names, as {@code torchserve --models} takes them
     * @param scratch for its own files
     */
    static TorchServeProcess start(Path bin, Path store, Map<String, String> models, Path scratch)
            throws IOException, InterruptedException, TimeoutException {
        TorchServeProcess server = new TorchServeProcess(bin, store, models, scratch);
        boolean serves = false;
        try {
            serves = server.notLoaded.await(180, TimeUnit.SECONDS);
            if (!serves) {
                throw new TimeoutException("TorchServe did not load all models:\n" + server.console());
            }
            return server;
        } finally {
            if (!serves) {
                server.close();
            }
        }
    }

    private TorchServeProcess(Path bin, Path store, Map<String, String> models, Path scratch) throws IOException {
        List<Integer> ports = freePorts(5);
        port = ports.get(0);
        notLoaded = new CountDownLatch(models.size());
        Path config = Files.writeString(
                scratch.resolve("config.properties"),
                String.join(
                        "\n",
                        "inference_address=http://127.0.0.1:" + port,
                        "management_address=http://127.0.0.1:" + ports.get(1),
                        "metrics_address=http://127.0.0.1:" + ports.get(2),
                        "grpc_inference_address=127.0.0.1",
                        "grpc_management_address=127.0.0.1",
                        "grpc_inference_port=" + ports.get(3),
                        "grpc_management_port=" + ports.get(4),
                        "default_workers_per_model=1",
                        "number_of_gpu=0",
                        ""));
        List<String> command = new ArrayList<>(List.of(
                bin.resolve("torchserve").toString(),
                "--start",
                "--foreground",
                "--ncs",
                "--disable-token-auth",
                "--ts-config",
                config.toString(),
                "--model-store",
                store.toString(),
                "--models"));
        models.forEach((name, file) -> command.add(name + "=" + file));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(scratch.toFile()).redirectErrorStream(true);
        // Its pid file, sockets and logs go to the scratch folder; TEMP is Java's, TMPDIR is Python's.
        for (String folder : List.of("TEMP", "TMPDIR", "LOG_LOCATION", "METRICS_LOCATION")) {
            builder.environment().put(folder, scratch.toString());
        }
        // The frontend's workers find their packages through the PATH's python.
        builder.environment().merge("PATH", bin.toString(), (path, first) -> first + File.pathSeparator + path);
        process = builder.start();
        Thread reader = new Thread(this::readConsole, "torchserve-console");
        reader.setDaemon(true);
        reader.start();
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> openTogether = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                openTogether.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return openTogether.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : openTogether) {
                socket.close();
            }
        }
    }

    private void readConsole() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (console) {
                    console.add(line);
                }
                if (line.contains(LOADED)) {
                    notLoaded.countDown();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String console() {
        synchronized (console) {
            return String.join("\n", console.subList(Math.max(0, console.size() - 60), console.size()));
        }
    }

    /** Asks for a prediction; returns the body of the answer, whose status must be 200. */
    String predict(String model, byte[] request) throws IOException, InterruptedException {
        HttpRequest ask = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/predictions/" + model))
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(request))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(ask, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(answer.statusCode() + " " + answer.body() + "\n" + console());
        }
        return answer.body();
    }

    /** Ends the launcher, the frontend and its workers, and waits for them: they still write to the scratch folder. */
    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        all.forEach(ProcessHandle::destroy);
        CompletableFuture<?> ended =
                CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        try {
            ended.orTimeout(60, TimeUnit.SECONDS).join();
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
