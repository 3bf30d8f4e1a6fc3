package application;

import dev.cresset.Answer;
import dev.cresset.Batching;
import dev.cresset.BoundCall;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.Model;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.Prediction;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * An application that ends with {@code System.exit(7)} somewhere, and closes in a shutdown hook. Its package is none of
 * the library's, whose frames a stack is searched for. A few cases do not end the JVM, they close from the inside.
 */
@NullMarked
public final class Exits {

    private static final float[] ROW = new float[30];
    private static final Path RISK = Path.of(System.getProperty("cresset.fixtures"), "risk");

    private Exits() {}

    private enum Where {
        NOWHERE,
        PREPROCESS,
        POSTPROCESS
    }

    /** Does what {@code case} says. */
    public static void main(String[] args) throws Exception {
        String name = System.getProperty("exits.case");
        switch (name) {
            case "preprocess" -> exiting(open(Where.PREPROCESS, null)).predict(ROW);
            case "postprocess" -> exiting(open(Where.POSTPROCESS, null)).predict(ROW);
            case "preprocess-later" ->
                forget(exiting(open(Where.PREPROCESS, null)).predictAsync(ROW));
            case "postprocess-later" ->
                forget(exiting(open(Where.POSTPROCESS, null)).predictAsync(ROW));
            case "callback" -> later(exiting(open(Where.NOWHERE, null)));
            case "callback-at-once" -> later(exiting(open(Where.NOWHERE, Runnable::run)));
            case "callback-of-executor" -> later(exiting(open(Where.NOWHERE, Executors.newSingleThreadExecutor())));
            case "callback-of-many" -> {
                Predictor<float[], float[]> predictor =
                        exiting(open(Where.NOWHERE, Executors.newSingleThreadExecutor()));
                forget(predictor.predictAsync(ROW).thenAccept(answer -> System.exit(7)));
                for (int i = 0; i < 64; i++) {
                    forget(predictor.predictAsync(ROW));
                }
            }
            case "task-before-callbacks" -> taskBeforeCallbacks();
            case "nested" -> {
                Predictor<float[], float[]> inner = exiting(open(Where.PREPROCESS, null));
                Predictor<float[], float[]> outer = exiting(open(Where.NOWHERE, null));
                forget(outer.predictAsync(ROW).thenApply(inner::predict));
            }
            case "registry" -> {
                ModelRegistry<float[], float[]> registry = registry(Where.POSTPROCESS);
                atExit(registry::close);
                registry.register(RISK.resolve("risk.mar"));
                Prediction<float[]> unused = registry.predict("risk", ROW);
            }
            case "registry-callback-that-updates" -> {
                AtomicBoolean updates = new AtomicBoolean();
                ModelRegistry<float[], float[]> registry = ModelRegistry.<float[], float[]>builder(archive ->
                                Predictor.builder(archive, TensorHandler.ofFloats())
                                        .warmUp(ROW, answer -> {
                                            if (updates.get()) {
                                                System.exit(7);
                                            }
                                            return true;
                                        })
                                        .open())
                        .open();
                atExit(registry::close);
                registry.register(RISK.resolve("risk.mar"));
                forget(registry.predictAsync("risk", ROW).thenAccept(answer -> {
                    updates.set(true);
                    update(registry);
                }));
            }
            case "hook-joins-main-that-closes" -> {
                Predictor<float[], float[]> predictor = open(Where.NOWHERE, null);
                Thread main = Thread.currentThread();
                atExit(() -> join(main));
                CountDownLatch closing = new CountDownLatch(1);
                forget(predictor.predictAsync(ROW).thenAccept(answer -> {
                    await(closing);
                    System.exit(7);
                }));
                closing.countDown();
                predictor.close();
                return;
            }
            case "model-and-call" -> {
                Model model = Model.open(RISK.resolve("mlp-16-32-32-4.pt"));
                Tensor x = Tensor.of(new float[16], 1, 16);
                Tensor y = Tensor.of(new float[4], 1, 4);
                BoundCall call = model.bind(List.of(x), List.of(y));
                atExit(model::close);
                Predictor<float[], float[]> predictor = exiting(open(Where.NOWHERE, null));
                forget(predictor.predictAsync(ROW).thenAccept(answer -> {
                    call.run();
                    System.exit(7);
                }));
            }
            case "main-under-slow-handler" -> {
                CountDownLatch inside = new CountDownLatch(1);
                Predictor<float[], float[]> predictor = exiting(predictor(
                        new Exiting(Where.NOWHERE) {
                            @Override
                            float[] postprocess(Value output) throws InterruptedException {
                                inside.countDown();
                                Thread.sleep(1000); // as one does that waits for somebody's server
                                System.out.println("answered");
                                return new float[0];
                            }
                        },
                        null));
                Thread asks = new Thread(() -> System.out.println(predictor.predict(ROW).length));
                asks.setDaemon(true);
                asks.start();
                inside.await();
                System.exit(7);
            }
            case "handler-closes" -> {
                CompletableFuture<Predictor<float[], float[]>> one = new CompletableFuture<>();
                one.complete(predictor(
                        new Exiting(Where.NOWHERE) {
                            @Override
                            float[] postprocess(Value output) {
                                one.join().close();
                                return output.asTensor().toFloatArray();
                            }
                        },
                        null));
                System.out.println("answered " + one.join().predict(ROW).length);
                System.exit(7);
            }
            case "callback-in-callback-closes" -> {
                Predictor<float[], float[]> outer = open(Where.NOWHERE, Runnable::run);
                Predictor<float[], float[]> inner = open(Where.NOWHERE, Runnable::run);
                outer.predictAsync(ROW)
                        .thenCompose(answer -> inner.predictAsync(ROW).thenAccept(other -> outer.close()))
                        .join();
                System.out.println("answered");
                System.exit(7);
            }
            default -> throw new IllegalArgumentException(name);
        }
        TimeUnit.MINUTES.sleep(2); // whoever exits has done so by then
        Runtime.getRuntime().halt(3);
    }

    /** The executor's only thread ends the JVM, and answers wait for it. */
    private static void taskBeforeCallbacks() {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        Predictor<float[], float[]> predictor = exiting(open(Where.NOWHERE, executor));
        CountDownLatch asked = new CountDownLatch(1);
        executor.execute(() -> {
            await(asked);
            System.exit(7);
        });
        forget(predictor.predictAsync(ROW).thenAccept(answer -> System.out.println("answered")));
        asked.countDown();
    }

    private static void later(Predictor<float[], float[]> predictor) {
        forget(predictor.predictAsync(ROW).thenAccept(answer -> System.exit(7)));
    }

    private static void update(ModelRegistry<float[], float[]> registry) {
        try {
            registry.update(RISK.resolve("risk.mar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelRegistry<float[], float[]> registry(Where where) {
        return ModelRegistry.<float[], float[]>builder(archive ->
                        Predictor.builder(archive, new Exiting(where)).open())
                .open();
    }

    private static Predictor<float[], float[]> exiting(Predictor<float[], float[]> predictor) {
        atExit(predictor::close);
        return predictor;
    }

    private static Predictor<float[], float[]> open(Where where, @Nullable Executor executor) {
        return predictor(new Exiting(where), executor);
    }

    private static Predictor<float[], float[]> predictor(
            Handler<float[], float[]> handler, @Nullable Executor executor) {
        try (ModelArchive archive = ModelArchive.open(RISK.resolve("risk.mar"))) {
            Predictor.Builder<float[], float[]> builder =
                    Predictor.builder(archive, handler).batching(Batching.upTo(4));
            return (executor == null ? builder : builder.completeOn(executor)).open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the JVM where it is told to. */
    private static class Exiting implements Handler<float[], float[]> {
        private final Where where;

        Exiting(Where where) {
            this.where = where;
        }

        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) {
            if (where == Where.PREPROCESS) {
                System.exit(7);
            }
            inputs.tensor(DataType.FLOAT32, request.length).copyFrom(request);
            return this::postprocess;
        }

        float[] postprocess(Value output) throws Exception {
            if (where == Where.POSTPROCESS) {
                System.exit(7);
            }
            return output.asTensor().toFloatArray();
        }
    }

    private static void atExit(Runnable closing) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            long start = System.nanoTime();
            closing.run();
            System.out.println("closed in " + (System.nanoTime() - start) / 1_000_000 + " ms");
        }));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(CompletableFuture<?> unused) {}
}
