using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Loss and gradient of a batch, computed in parts beside each other: a part is some of the rows, a thread and a replica of the parameters. All that is random was drawn for the whole batch, a part's
/// mean counts as many times as it has rows, and gradients are added in the order of the parts, so a number of parts gives the same weights to the last bit in every run.
/// </summary>
internal sealed class BatchGradient : IDisposable
{
    private readonly Learner _learner;
    private readonly IBatchLoss[] _losses;
    private readonly double[] _values;
    private readonly Crew _crew;
    private readonly bool _alone;

    /// <summary>Ready to compute.</summary>
    /// <param name="learner">What learns; computes part 0, and stays the caller's.</param>
    /// <param name="parts">The number of parts; 1 where the learner can not be split.</param>
    /// <param name="alone">Whether the operations of a step run on one thread each; as <see cref="BatchParts.RunAlone"/> says where null.</param>
    public BatchGradient(Learner learner, int parts, bool? alone = null)
    {
        _learner = learner;
        _values = new double[parts];
        _losses = [learner, .. Enumerable.Range(1, parts - 1).Select(_ => learner.Replica())];
        _crew = new Crew(parts);
        _alone = alone ?? BatchParts.RunAlone(learner, parts);
    }

    /// <summary>The number of parts.</summary>
    public int Parts => _losses.Length;

    /// <summary>
    /// Sets on how many threads an operation of a step runs, until the scope is disposed: threads that have shared one wait for the next, spinning, and take the processors from those that compute parts.
    /// </summary>
    public OperationThreads.Scope EnterStep() => _alone ? OperationThreads.Alone() : default;

    /// <summary>Forgets the gradient.</summary>
    public void Zero()
    {
        using var scope = NewDisposeScope();
        foreach (var loss in _losses)
            loss.Parameters.ZeroGradients();
    }

    /// <summary>Adds the gradient of a batch.</summary>
    /// <param name="batch">The batch, of at least one row.</param>
    /// <param name="share">By how much it counts.</param>
    /// <param name="fraction">How much of the run is done.</param>
    /// <returns>The loss of the batch, as much as it counts.</returns>
    public double Add(TrainingBatch batch, double share, double fraction)
    {
        // Levels that are drawn as their distribution has them; what it makes rarer counts more.
        var (levels, weights) = _learner.Levels.Draw(batch.Uniforms);
        int rows = batch.Uniforms.Length;
        float[]? plain = weights is null ? null : new float[rows];
        Array.Clear(_values);
        _crew.Run(part =>
        {
            var (first, end) = WorkParts.RowsOf(part, Parts, rows);
            if (first < end)
                _values[part] = AddPart(_losses[part], batch, levels, weights, plain, first, end - first, share * (end - first) / rows, fraction);
        });
        if (plain is not null)
            _learner.Levels.Learn(plain);
        return _values.Sum();
    }

    /// <summary>Makes the gradient visible in the learner's parameters.</summary>
    public void Collect() => _learner.Parameters.CollectGradientsOf([.. _losses.Skip(1).Select(loss => loss.Parameters)]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _crew.Dispose();
        foreach (var replica in _losses.Skip(1))
            replica.Dispose();
    }

    // Dispose scopes and the recording of gradients belong to the thread; so does the backward pass, which libtorch runs on the caller where all is on the CPU.
    private static double AddPart(IBatchLoss losses, TrainingBatch batch, NoiseLevels levels, float[]? weights, float[]? plain, int first, int count, double share, double fraction)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var part = batch.Rows(first, count);
        levels = levels.Rows(first, count);
        using var loss = weights is null ? losses.Loss(part, levels, part.Noise, fraction) : Weighted();
        using var shared = loss.Times(share);
        shared.backward();
        return shared.item<float>();

        Tensor Weighted()
        {
            using var rows = losses.LossOfRows(part, levels, part.Noise, fraction);
            using (var detached = rows.detach())
            using (var host = detached.cpu())
                host.data<float>().ToArray().CopyTo(plain.AsSpan(first));
            using var given = tensor(weights.AsSpan(first, count).ToArray());
            using var factors = given.to(rows.device);
            using var weighted = rows.mul(factors);
            return weighted.mean();
        }
    }
}
