package dev.cresset.flink;

import java.io.Serializable;
import org.apache.flink.types.Either;

/**
 * In which form an operator emits results, and records that go to the side output: an asynchronous function has no side outputs, so it
 * emits either of the two, to be parted behind it.
 *
 * @param <E> what is emitted
 */
interface Emission<T, R, E> extends Serializable {

    E result(R result);

    E aside(FailedRecord<T> failed);

    /** Results alone; nothing goes aside. */
    static <T, R> Emission<T, R, R> plain() {
        return new Plain<>();
    }

    /** Both in one stream. */
    static <T, R> Emission<T, R, Either<FailedRecord<T>, R>> either() {
        return new OfEither<>();
    }

    /** See {@link #plain}. */
    record Plain<T, R>() implements Emission<T, R, R> {
        @Override
        public R result(R result) {
            return result;
        }

        @Override
        public R aside(FailedRecord<T> failed) {
            throw new IllegalStateException("there is no side output here; take Scoring.unordered, ordered or batched");
        }
    }

    /** See {@link #either}. */
    record OfEither<T, R>() implements Emission<T, R, Either<FailedRecord<T>, R>> {
        @Override
        public Either<FailedRecord<T>, R> result(R result) {
            return Either.Right(result);
        }

        @Override
        public Either<FailedRecord<T>, R> aside(FailedRecord<T> failed) {
            return Either.Left(failed);
        }
    }
}
