package dev.cresset.internal.requests;

import dev.cresset.InvalidInputException;
import dev.cresset.internal.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The answer to a request of several items: complete when all of theirs are. Cancelling it cancels them. */
public final class RequestFuture<O, R> extends CompletableFuture<R> {

    private final List<CompletableFuture<O>> items;

    @SuppressWarnings("UnusedVariable") // its exception is this future's
    private @Nullable CompletableFuture<?> all;

    /** Completes when all items have, with what their answers are put together to. */
    public static <O, R> RequestFuture<O, R> of(Function<List<O>, R> assembled, List<CompletableFuture<O>> items) {
        RequestFuture<O, R> answers = new RequestFuture<>(items);
        CompletableFuture<?> all = CompletableFuture.allOf(items.toArray(CompletableFuture<?>[]::new))
                .whenComplete((none, e) -> answers.end(assembled));
        answers.all = all;
        return answers;
    }

    private RequestFuture(List<CompletableFuture<O>> items) {
        this.items = items;
    }

    private void end(Function<List<O>, R> assembled) {
        try {
            List<O> answers = new ArrayList<>(items.size());
            for (int i = 0; i < items.size(); i++) {
                answers.add(answer(i));
            }
            complete(assembled.apply(answers));
        } catch (Throwable e) {
            completeExceptionally(e);
        }
    }

    private O answer(int index) {
        return answer(index, items.size(), items.get(index));
    }

    private static <O> O answer(int index, int size, CompletableFuture<O> item) {
        try {
            return item.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof InvalidInputException invalid && size > 1) {
                throw Failures.ofItem(index, size, invalid);
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** Fails as an item of several has. */
    public static <R> CompletableFuture<R> failed(int index, int size, CompletableFuture<?> item) {
        try {
            answer(index, size, item);
            throw new IllegalStateException("the item has not failed");
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        items.forEach(item -> item.cancel(mayInterruptIfRunning));
        return cancelled;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
