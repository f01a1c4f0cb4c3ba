using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Answers of a network on a processor, without gradients: some of the rows on each thread, where that gives the bits of the whole batch. Threads that share each operation wait for each other within it, and
/// long where other programs want the processors too; these wait once a call.
/// </summary>
/// <remarks>
/// libtorch chooses its order of sums by the number of rows, and by the processor. So the first calls of each number of rows are computed both ways: answers come in parts if those agreed to the last bit.
/// Thread safe.
/// </remarks>
/// <param name="parameters">The number of the network's parameters.</param>
internal sealed class DividedAnswers(long parameters)
{
    // Sums that differ in their order differ somewhere in thousands of values, so one call tells; a second one, later in a run, has other values.
    private const int Trials = 2;

    // Answers that are mostly zeros, as untrained networks give, tell nothing.
    private const double LeastNonzero = 0.5;

    private readonly ConcurrentDictionary<(int Rows, int Parts, Precision Precision), int> _agreed = new();

    /// <summary>The answer of all rows.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="program">The network's program for that number.</param>
    /// <param name="precision">The precision that it computes in.</param>
    /// <param name="answer">Answers some rows, from the first for so many; called on several threads at once.</param>
    public Tensor Answer(int rows, NetworkProgram program, Precision precision, Func<int, int, Tensor> answer)
    {
        if (WorkParts.IsSmall(program.Products))
        {
            using var alone = OperationThreads.Alone();
            return answer(0, rows);
        }
        int parts = WorkParts.Paying(rows, OperationThreads.Given, program.Products, parameters);
        if (parts == 1)
            return answer(0, rows);
        var key = (rows, parts, precision);
        int agreed = _agreed.GetOrAdd(key, 0);
        if (agreed >= Trials)
            return InParts(rows, parts, answer);
        var whole = answer(0, rows);
        if (agreed < 0)
            return whole;
        using var divided = InParts(rows, parts, answer);
        if (!whole.bytes.SequenceEqual(divided.bytes))
            _agreed[key] = -1;
        else if (count_nonzero(whole).item<long>() >= LeastNonzero * whole.numel())
            _agreed[key] = agreed + 1;
        return whole;
    }

    private static Tensor InParts(int rows, int parts, Func<int, int, Tensor> answer)
    {
        var answers = new Tensor[parts];
        try
        {
            HelpingThreads.Run(parts, part =>
            {
                using var noGrad = no_grad();
                var (first, end) = WorkParts.RowsOf(part, parts, rows);
                answers[part] = answer(first, end - first);
            });
            return cat(answers);
        }
        finally
        {
            foreach (var each in answers)
                each?.Dispose();
        }
    }
}
