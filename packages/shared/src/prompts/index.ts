export {
  type AnswerName,
  type ApproachAnswer,
  answerSpecification,
  answers,
  approachAnswer,
  architectureAnswer,
  type CriteriaAnswer,
  criteriaAnswer,
  type ReflectionAnswer,
  type RequirementsAnswer,
  type ReviewAnswer,
  reflectionAnswer,
  requirementsAnswer,
  reviewAnswer,
  type TasksAnswer,
  tasksAnswer,
} from './answers.ts';
export { readSections, renderSections, type Section } from './sections.ts';
