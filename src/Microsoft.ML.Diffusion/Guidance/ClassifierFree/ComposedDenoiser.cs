using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser of a composition of conditions. All terms go through the inner denoiser in one batch.</summary>
internal sealed class ComposedDenoiser(IDenoiser inner, CompositionGuidance guidance, int firstSlot) : IDenoiser
{
    private const string What = "A composition of conditions";

    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        ConditionBranches.RequireConditions(condition.Layout, What);
        var tensors = new List<Tensor>();
        try
        {
            // D(∅), the terms, and last the row's own, whose variance is the answer's.
            List<Tensor> branches = [ConditionBranches.WithoutConditions(condition)!];
            tensors.Add(branches[0]);
            var weights = new List<(double Weight, Tensor? Column)>();
            int slot = firstSlot + 1;
            foreach (var term in guidance.Terms)
            {
                weights.Add((term.Weight, Track(GuidanceSlots.Column(condition, slot, ConditionTerm.WeightInputOf(term.Name), term.Weight, x))));
                branches.Add(Track(Pack(condition, term, slot + 1))!);
                slot += 1 + term.Conditions.Count;
            }
            weights.Add((guidance.Weight, Track(GuidanceSlots.Column(condition, firstSlot, CompositionGuidance.WeightInput, guidance.Weight, x))));
            branches.Add(condition.Packed);
            var (answers, logVariance) = ConditionBranches.Ask(inner, x, step, condition.Layout, branches);
            tensors.AddRange(answers);
            return new Denoised(Combine(answers, weights), logVariance);
        }
        finally
        {
            tensors.ForEach(tensor => tensor.Dispose());
        }

        Tensor? Track(Tensor? tensor)
        {
            if (tensor is not null)
                tensors.Add(tensor);
            return tensor;
        }
    }

    // The values of a term; what it does not name is missing.
    private static Tensor Pack(Conditioning condition, ConditionTerm term, int firstValue)
    {
        int[] named = [.. term.Conditions.Select(name => ConditionBranches.SlotOf(condition.Layout, name, What))];
        return ConditionBranches.Pack(condition, slot => Array.IndexOf(named, slot) is >= 0 and var place ? firstValue + place : ConditionBranches.Missing);
    }

    private static Tensor Combine(Tensor[] answers, List<(double Weight, Tensor? Column)> weights)
    {
        using var scope = NewDisposeScope();
        var sum = answers[0];
        for (int i = 0; i < weights.Count; i++)
        {
            var difference = answers[i + 1].Minus(answers[0]);
            sum = sum.Plus(weights[i].Column is { } column ? difference.mul(column) : difference.Times(weights[i].Weight));
        }
        return sum.MoveToOuterDisposeScope();
    }
}
