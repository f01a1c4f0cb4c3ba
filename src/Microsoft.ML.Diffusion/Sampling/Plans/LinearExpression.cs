using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A linear combination of registers, written as algebra: what a solver computes with while it is traced.
/// </summary>
/// <remarks>Immutable. Terms whose coefficient is exactly 0 vanish.</remarks>
public readonly struct LinearExpression
{
    private readonly PlanTerm[]? _terms;

    private LinearExpression(PlanTerm[] terms) => _terms = terms;

    internal LinearExpression(Register register) => _terms = [new PlanTerm(register, 1)];

    /// <summary>The terms, each register once.</summary>
    public ReadOnlySpan<PlanTerm> Terms => _terms;

    /// <summary>The register, where the expression is nothing but one register.</summary>
    internal Register? AsRegister => _terms is [{ Coefficient: 1 } term] ? term.Source : null;

    /// <summary>The terms, without a copy: their array is never written to once an expression holds it.</summary>
    internal ImmutableArray<PlanTerm> ToImmutable() => ImmutableCollectionsMarshal.AsImmutableArray(_terms ?? []);

    /// <summary>The sum of two expressions.</summary>
    /// <param name="left">An expression.</param>
    /// <param name="right">An expression.</param>
    public static LinearExpression operator +(LinearExpression left, LinearExpression right) => Sum(left.Terms, right.Terms, 1);

    /// <summary>The difference of two expressions.</summary>
    /// <param name="left">An expression.</param>
    /// <param name="right">An expression.</param>
    public static LinearExpression operator -(LinearExpression left, LinearExpression right) => Sum(left.Terms, right.Terms, -1);

    /// <summary>The negative of an expression.</summary>
    /// <param name="expression">An expression.</param>
    public static LinearExpression operator -(LinearExpression expression) => -1 * expression;

    /// <summary>A number times an expression.</summary>
    /// <param name="factor">A number.</param>
    /// <param name="expression">An expression.</param>
    public static LinearExpression operator *(double factor, LinearExpression expression)
    {
        var source = expression.Terms;
        if (factor == 0)
            return default;
        var terms = new PlanTerm[source.Length];
        for (int i = 0; i < terms.Length; i++)
            terms[i] = source[i] with { Coefficient = factor * source[i].Coefficient };
        return new LinearExpression(terms);
    }

    /// <summary>An expression times a number.</summary>
    /// <param name="expression">An expression.</param>
    /// <param name="factor">A number.</param>
    public static LinearExpression operator *(LinearExpression expression, double factor) => factor * expression;

    /// <summary>An expression divided by a number.</summary>
    /// <param name="expression">An expression.</param>
    /// <param name="divisor">A number other than 0.</param>
    public static LinearExpression operator /(LinearExpression expression, double divisor) => 1 / divisor * expression;

    /// <summary>Σ factor·expression, without the expressions between.</summary>
    internal static LinearExpression Sum(ReadOnlySpan<double> factors, ReadOnlySpan<LinearExpression> expressions)
    {
        int most = 0;
        foreach (var expression in expressions)
            most += expression.Terms.Length;
        var terms = new PlanTerm[most];
        int count = 0;
        for (int i = 0; i < expressions.Length; i++)
            count = Gather(terms, count, expressions[i].Terms, factors[i]);
        return WithoutZeros(terms, count);
    }

    private static LinearExpression Sum(ReadOnlySpan<PlanTerm> left, ReadOnlySpan<PlanTerm> right, double sign)
    {
        int shared = 0;
        foreach (var term in right)
            shared += IndexOf(left, term.Source) < 0 ? 0 : 1;
        var terms = new PlanTerm[left.Length + right.Length - shared];
        left.CopyTo(terms);
        return WithoutZeros(terms, Gather(terms, left.Length, right, sign));
    }

    // Adds terms to the first of an array; returns how many there are then.
    private static int Gather(Span<PlanTerm> sum, int count, ReadOnlySpan<PlanTerm> terms, double factor)
    {
        foreach (var term in terms)
        {
            int at = IndexOf(sum[..count], term.Source);
            if (at < 0)
                sum[count++] = new PlanTerm(term.Source, factor * term.Coefficient);
            else
                sum[at] = new PlanTerm(term.Source, sum[at].Coefficient + factor * term.Coefficient);
        }
        return count;
    }

    // A handful of terms: a linear search beats any dictionary.
    private static int IndexOf(ReadOnlySpan<PlanTerm> terms, Register register)
    {
        for (int i = 0; i < terms.Length; i++)
            if (terms[i].Source == register)
                return i;
        return -1;
    }

    private static LinearExpression WithoutZeros(PlanTerm[] terms, int count)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
            if (terms[i].Coefficient != 0)
                terms[kept++] = terms[i];
        return new LinearExpression(kept == terms.Length ? terms : terms[..kept]);
    }

    /// <inheritdoc/>
    public override string ToString() => Terms.IsEmpty ? "0" : string.Join(' ', Terms.ToArray());
}
